import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands in front of a port and can fall silent: then it passes nothing on any more, and closes nothing. */
export class SilentProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent = false;

  private constructor(target: () => number) {
    this.#server = createServer((inner) => {
      this.#adopt(inner);
      if (this.#silent) return;
      const outer = connect({ host: '127.0.0.1', port: target(), noDelay: true });
      this.#adopt(outer);
      this.#forward(inner, outer);
      this.#forward(outer, inner);
    });
  }

  /** Listens on a port of its own, and connects to `target` for each connection. */
  static async before(target: () => number): Promise<SilentProxy> {
    const proxy = new SilentProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  fallSilent(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #adopt(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #forward(from: Socket, to: Socket): void {
    from.pipe(to);
    from.once('close', () => {
      if (!this.#silent) to.destroy();
    });
  }
}
