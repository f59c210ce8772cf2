// A defect to be found: the log says that it is on disk some time before it is written at all.
import { setTimeout as delay } from 'node:timers/promises';
import { tokens } from '@flotilla/runtime';
import { Container } from 'inversify';

const lateMs = 150;

const { load } = Container.prototype;
Container.prototype.load = function (...modules) {
  load.apply(this, modules);
  this.onActivation(tokens.logStore, (_context, store) => {
    const { write } = store;
    let written = Promise.resolve();
    store.write = (writes) => {
      // The beginning of a group is read back at once.
      if (writes.some(({ base }) => base !== null)) return write.call(store, writes);
      written = Promise.all([written, delay(lateMs)]).then(() => write.call(store, writes));
      return Promise.resolve();
    };
    return store;
  });
};
