// A defect to be found: everything that is acknowledged as durable is in memory only.
import { tokens } from '@flotilla/runtime';
import { MemorySnapshotStore } from '@flotilla/snapshot/memory';
import { MemoryLogStore, MemoryStateStore } from '@flotilla/storage/memory';
import { Container } from 'inversify';

const { load } = Container.prototype;
Container.prototype.load = function (...modules) {
  load.apply(this, modules);
  this.onActivation(tokens.logStore, () => new MemoryLogStore());
  this.onActivation(tokens.stateStore, () => new MemoryStateStore());
  this.onActivation(tokens.snapshotStore, () => new MemorySnapshotStore());
};
