import type { AddressInfo } from 'node:net';
import type { Group } from '@flotilla/runtime';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import type { FastifyInstance } from 'fastify';
import type { CallTarget, HostInfo } from './answer-call.ts';
import type { RouteContext, RoutePlugin } from './app.ts';
import { BinaryServer } from './binary/binary-server.ts';
import { callOptionsOf } from './call-options.ts';
import { createServer, type ReportError } from './create-server.ts';
import { descriptionRoutes } from './description/description-routes.ts';
import { ServedMachine } from './description/served-machine.ts';
import { eventRoutes } from './event-routes.ts';
import { EventStreams } from './event-streams.ts';
import { listenError } from './gateway-error.ts';
import { machineRoutes } from './machine-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { methodsPerPath } from './method-not-allowed.ts';
import { sessionRoutes } from './session-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { statusRoutes } from './status-routes.ts';

/** A frame carries a body, and a little around it. */
const frameOverheadBytes = 64 * 1024;

const callsPerConnectionMax = 1024;

const heldBytesPerConnectionMax = 8 * 1024 * 1024;

export interface HttpGatewayOptions {
  readonly group: Group;
  /** What the group runs, in the newest version that this program has: described at `/v1/machine`, `/v1/openapi.json` and `/v1/docs`. */
  readonly machine: AnyMachineDefinition;
  /** The address to listen on, such as `127.0.0.1` or `0.0.0.0`. */
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** The app's own routes. */
  readonly routes?: RoutePlugin;
  /** The HTTP status of rejections by code, where the machine does not name it; 409 where nobody does. */
  readonly rejectionStatus?: Readonly<Record<string, number>>;
  /** What `/v1/status` says about the host. */
  readonly hostInfo?: HostInfo;
  /** The largest body that is read at all. Default 2 MiB. */
  readonly bodyBytesMax?: number;
  /** How long a call may take if the client does not say, in milliseconds. Default 5000. */
  readonly callTimeoutMs?: number;
  /** How many event streams may be open at once. Default 256. */
  readonly streamsMax?: number;
  /** How many connections of the binary protocol may be open at once. Default 1024. */
  readonly connectionsMax?: number;
  /** How long a connection of the binary protocol may be silent while no call is under way, in milliseconds. Default 120000. */
  readonly idleTimeoutMs?: number;
  /** How often an idle event stream shows that it lives, in milliseconds. Default 15000. */
  readonly heartbeatMs?: number;
  /** How long `close` waits for requests that are under way, in milliseconds. Default 5000. */
  readonly closeTimeoutMs?: number;
  /** Hears of every error that is answered with 500, or ends an event stream for such a reason. */
  readonly reportError?: ReportError;
}

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Serves a group over HTTP: commands, queries, sessions, membership, status, health, and events; and over the binary protocol. */
export class HttpGateway {
  readonly #options: HttpGatewayOptions;
  readonly #reportError: ReportError;
  readonly #closing = new AbortController();
  readonly #machine: ServedMachine;
  readonly #target: CallTarget;
  readonly #streams: EventStreams;
  readonly #heartbeatMs: number;
  readonly #server: FastifyInstance;
  readonly #binary: BinaryServer;

  constructor(options: HttpGatewayOptions) {
    this.#options = options;
    this.#reportError = options.reportError ?? (() => {});
    const { bodyBytesMax = 2 * 1024 * 1024, streamsMax = 256, connectionsMax = 1024, group, rejectionStatus = {} } = options;
    const { heartbeatMs = 15_000, idleTimeoutMs = 120_000, closeTimeoutMs = 5000, hostInfo = () => ({}) } = options;
    const closing = this.#closing.signal;
    this.#machine = new ServedMachine(options.machine, group, rejectionStatus);
    this.#target = { group, rejectionStatus: (command) => this.#machine.rejectionStatus(command), hostInfo };
    this.#heartbeatMs = heartbeatMs;
    this.#streams = new EventStreams(group, { streamsMax, heartbeatMs, closing });
    this.#server = createServer({ bodyBytesMax, reportError: this.#reportError, isClosing: () => closing.aborted });
    this.#binary = new BinaryServer({
      target: this.#target,
      streams: this.#streams,
      reportError: this.#reportError,
      frameBytesMax: bodyBytesMax + frameOverheadBytes,
      callsMax: callsPerConnectionMax,
      heldBytesMax: heldBytesPerConnectionMax,
      connectionsMax,
      idleTimeoutMs,
      closeTimeoutMs,
    });
  }

  /** Resolves once the gateway listens. Throws a `GatewayError`, with code `port_in_use` where somebody else does. */
  async start(): Promise<BoundAddress> {
    const { host, port } = this.#options;
    await this.#addRoutes();
    try {
      await this.#server.listen({ host, port });
    } catch (cause) {
      throw listenError(cause, host, port);
    }
    const bound = this.#server.server.address() as AddressInfo;
    const shownHost = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return { host: bound.address, port: bound.port, url: `http://${shownHost}:${bound.port}` };
  }

  /** Ends the event streams, lets requests under way finish for a bounded time, then closes every connection. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#binary.close();
    const force = setTimeout(() => this.#server.server.closeAllConnections(), this.#options.closeTimeoutMs ?? 5000);
    try {
      await this.#server.close();
    } finally {
      clearTimeout(force);
    }
  }

  async #addRoutes(): Promise<void> {
    const { group, routes, callTimeoutMs = 5000 } = this.#options;
    const target = this.#target;
    const closing = this.#closing.signal;
    const context: RouteContext = { group, callOptions: (parameters, reply) => callOptionsOf(parameters, reply, callTimeoutMs) };
    const refuseOtherMethods = methodsPerPath(this.#server);

    // Each in a scope of its own, so that body formats and hooks of one do not reach the other.
    await this.#server.register(async (scope) => machineRoutes(scope, context, target));
    await this.#server.register(async (scope) => sessionRoutes(scope, context, target));
    await this.#server.register(async (scope) => memberRoutes(scope, context, target));
    await this.#server.register(async (scope) => snapshotRoutes(scope, context));
    await this.#server.register(async (scope) => statusRoutes(scope, target, () => closing.aborted));
    await this.#server.register(async (scope) =>
      eventRoutes(scope, this.#streams, { heartbeatMs: this.#heartbeatMs, reportError: this.#reportError }),
    );
    await this.#server.register(async (scope) => descriptionRoutes(scope, this.#machine));
    this.#binary.attach(this.#server);
    if (routes !== undefined) await this.#server.register(async (scope) => routes(scope, context));
    refuseOtherMethods();
  }
}
