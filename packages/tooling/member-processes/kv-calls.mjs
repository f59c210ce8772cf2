import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 512 });

/** Puts a value. Resolves with the status, or 0 where there was no answer. */
export function put(port, key, value) {
  return call(port, 'PUT', `/v1/kv/${key}`, value, 30_000);
}

/** A member stores its state now. Throws where it does not. */
export async function takeSnapshot(port) {
  const timeoutMs = 300_000;
  let text = '';
  const status = await call(port, 'POST', '/v1/snapshot', undefined, timeoutMs, (chunk) => {
    text += chunk;
  });
  if (status !== 200) throw new Error(`no snapshot was stored: ${status} ${text}`);
  return JSON.parse(text);
}

/** Lets go of the connections that are kept. */
export function closeConnections() {
  agent.destroy();
}

function call(port, method, path, body, timeoutMs, onData = () => {}) {
  return new Promise((resolve) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, method, path, timeout: timeoutMs, headers: { accept: 'application/json' } },
      (response) => {
        response.on('data', onData);
        response.on('end', () => resolve(response.statusCode));
        response.on('error', () => resolve(0));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}
