import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeValue, encodeValue } from '@flotilla/state-machine';
import { onTestFinished } from 'vitest';

const upgrade = 'GET /v1/binary HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: flotilla-binary/1\r\n\r\n';

/** A frame with any bytes as its body. */
export function framed(body: Uint8Array, length = body.length): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return Buffer.concat([prefix, body]);
}

/** The other side of the binary protocol, as small as can be: it sends frames and keeps what comes back. */
export class BinaryClient {
  readonly socket: Socket;
  readonly messages: unknown[][] = [];
  #bytes: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Connects and changes the protocol; `more` follows in the same packet. */
  static async open(url: string, more: Uint8Array = new Uint8Array()): Promise<BinaryClient> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const client = new BinaryClient(socket);
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    socket.write(Buffer.concat([Buffer.from(upgrade), more]));
    const [first] = (await once(socket, 'data')) as [Buffer];
    const head = first.indexOf('\r\n\r\n') + 4;
    if (!first.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error(first.toString());
    socket.on('data', (chunk) => client.#take(chunk));
    client.#take(first.subarray(head));
    return client;
  }

  send(...message: unknown[]): void {
    this.socket.write(framed(encodeValue(message)));
  }

  /** Sends a call and waits for its answer. */
  async call(id: number, ...parts: unknown[]): Promise<unknown[]> {
    this.send(id, ...parts);
    return this.answer(id);
  }

  async answer(id: number): Promise<unknown[]> {
    for (;;) {
      const answer = this.messages.find(([answered]) => answered === id);
      if (answer !== undefined) return answer;
      if (this.socket.destroyed) throw new Error(`the connection is closed, and call ${id} has no answer`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Waits for the end of the connection; what was said in the end. */
  async closed(): Promise<unknown[] | undefined> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.messages.at(-1);
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const end = 4 + this.#bytes.readUInt32BE();
      if (this.#bytes.length < end) return;
      this.messages.push(decodeValue(new Uint8Array(this.#bytes.subarray(4, end))) as unknown[]);
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}
