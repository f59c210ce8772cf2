import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { ClientTime } from '../client-time.ts';
import { unreachable } from '../network-error.ts';

const protocolName = 'flotilla-binary/1';

/** How long a member may take to take up the protocol, in milliseconds. */
const openTimeoutMs = 5000;

/**
 * A connection that speaks the binary protocol from here on, and keeps no program running; null where the endpoint does not know that.
 * Rejects with `unreachable`: no call was sent.
 */
export function openSocket(endpoint: string, time: ClientTime): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      cancel();
      opening.destroy();
      reject(unreachable(endpoint, cause));
    };
    const cancel = time.after(openTimeoutMs, () => fail(new Error(`no connection within ${openTimeoutMs} ms`)), true);
    const opening = upgradeRequest(endpoint);
    opening.on('socket', (socket) => socket.unref());
    opening.on('error', fail);
    opening.on('response', (response) => {
      cancel();
      response.destroy();
      resolve(null);
    });
    opening.on('upgrade', (response, socket, head) => {
      cancel();
      if (response.headers.upgrade?.toLowerCase() !== protocolName) {
        socket.destroy();
        return resolve(null);
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    opening.end();
  });
}

function upgradeRequest(endpoint: string): ClientRequest {
  const request = endpoint.startsWith('https:') ? httpsRequest : httpRequest;
  return request(`${endpoint}/v1/binary`, { agent: false, headers: { connection: 'Upgrade', upgrade: protocolName } });
}
