import type { Message } from '@flotilla/core';
import { clientCodecs } from './client-codecs.ts';
import { electionCodecs } from './election-codecs.ts';
import type { CodecsOf } from './message-codec.ts';
import { replicationCodecs } from './replication-codecs.ts';
import { snapshotCodecs } from './snapshot-codecs.ts';

/** Every kind of message. A new kind does not compile until one of the tables has its line. */
export const messageCodecs: CodecsOf<Message> = { ...electionCodecs, ...replicationCodecs, ...snapshotCodecs, ...clientCodecs };
