import { HttpGateway } from '@flotilla/gateway-http';
import { SingleNodeGroup } from '@flotilla/gateway-http/testing';
import { kvApp } from '@flotilla/kv';
import { replicate } from '@flotilla/state-machine';
import { afterEach } from 'vitest';

const started: HttpGateway[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((gateway) => gateway.close()));
});

/** The whole app over a group in memory, on a free port; closes after the test. Several gateways may share a group. */
export async function serveKv(group = new SingleNodeGroup(replicate(kvApp.machine))) {
  const errors: unknown[] = [];
  const gateway = new HttpGateway({
    ...kvApp,
    group,
    host: '127.0.0.1',
    port: 0,
    closeTimeoutMs: 200,
    reportError: (error) => errors.push(error),
  });
  const { url } = await gateway.start();
  started.push(gateway);
  return { group, gateway, url, errors };
}
