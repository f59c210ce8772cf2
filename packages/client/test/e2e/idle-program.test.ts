import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { BinaryServer } from '../binary-server.ts';

it('ends while its client is idle, without closing it', async () => {
  const server = new BinaryServer(([id, kind], peer) =>
    peer.send(id, 'ok', kind === 'open-session' ? { session: 7, ttlMs: 60_000 } : { reply: 1, result: 2, members: [] }),
  );
  const endpoint = await server.listen();
  const program = `
    import { connect } from '@flotilla/client';
    import { command, defineMachine, query } from '@flotilla/state-machine';
    const any = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
    const commands = { add: command(any, () => []) };
    const queries = { total: query((total) => total) };
    const sum = defineMachine({ name: 'sum', version: 1, state: () => 0, commands, events: {}, queries });
    const client = connect(sum, ['${endpoint}'], { session: { ttlMs: 60_000 } });
    console.log(await client.add(1), await client.total());
  `;
  const cwd = new URL('../..', import.meta.url);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, said]).toEqual([0, '1 2\n']);
  expect(server.frames.map(([, kind]) => kind)).toContain('command');
  await server.close();
});
