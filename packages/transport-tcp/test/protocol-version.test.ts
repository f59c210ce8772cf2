import { createHash } from 'node:crypto';
import { encodeFrames } from '@flotilla/transport';
import { sampleMessages } from '@flotilla/transport/testing';
import { expect, test } from 'vitest';
import { encodeAnswer, encodeHello, protocolVersion } from '../src/handshake.ts';
import { refusalFor } from '../src/refusal-reason.ts';

const hello = { sender: 1, receiver: 2, clusterId: 'sample', incarnation: 'first', address: 'host:7000' };

/** What goes over the wire for samples of everything. */
function digest(): string {
  const frames = [
    encodeHello(hello),
    encodeAnswer({ kind: 'welcome', incarnation: 'first' }),
    encodeAnswer({ kind: 'refused', refusal: refusalFor('wrong-cluster', 'because') }),
    encodeFrames(sampleMessages),
  ];
  return createHash('sha256').update(Buffer.concat(frames)).digest('hex').slice(0, 16);
}

// Where the layout of anything has changed, raise the version and write down both; where only the samples have, the digest.
test('whoever changes a layout raises the version of the protocol', () => {
  expect({ version: protocolVersion, digest: digest() }).toEqual({ version: 3, digest: 'e6832452e4d8f677' });
});
