import type { MemberId } from '@flotilla/core';
import { testTransport } from '@flotilla/transport/testing';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { World } from '../../src/engine/world.ts';
import { calmNetwork } from '../../src/network/network-profile.ts';
import { SimNetwork } from '../../src/network/sim-network.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';

/** Simulated milliseconds for each turn of the real event loop: what the suite waits for happens meanwhile. */
const turnMs = 20;

for (const throughCodec of [false, true]) {
  testTransport(`SimTransport ${throughCodec ? 'through the codec' : 'by reference'}`, () => {
    const world = new World();
    const random = new SeededRandom(7);
    const queueBytesMax = 4 * 1024 * 1024;
    const network = new SimNetwork({ world, random, profile: { ...calmNetwork, throughCodec, queueBytesMax } });
    let ended = false;
    const turn = async () => {
      if (ended) return;
      await world.run(world.now + turnMs);
      setImmediate(turn);
    };
    setImmediate(turn);
    return {
      create: (member: MemberId) => {
        const clock = new HostClock(world);
        const process = new SimProcess({ world, clock, random: random.fork(`process ${member}`), turnMs: 0 });
        return network.transport({ member, process, identity: { incarnation: '', admit: () => null } });
      },
      addressOf: (member) => `member ${member}`,
      silence: (member) => void network.faults.silence(member),
      queueBytesMax,
      async dispose() {
        ended = true;
      },
    };
  });
}
