import { accept, command, defineMachine, type EffectOutcome, effect, event, query } from '@flotilla/state-machine';

/** A schema that takes everything: the simulator's own calls are well formed. */
function trusted<T>() {
  return { '~standard': { version: 1, vendor: 'flotilla', validate: (value: unknown) => ({ value: value as T }) } } as const;
}

interface SetAlarm {
  readonly name: string;
  readonly inMs: number;
  readonly serial: number;
}

interface State {
  /** When each alarm is due that is set, in log time. */
  readonly due: Map<string, number>;
  rung: number;
  told: number;
}

/** What campaigns run to try timers and effects: alarms that are set, set again and cancelled, and ring once, when it is time. */
export const alarms = defineMachine({
  name: 'alarms',
  version: 1,
  state: (): State => ({ due: new Map(), rung: 0, told: 0 }),
  commands: {
    set: command(trusted<SetAlarm>(), (_state, { name, inMs }, ctx) => {
      const at = ctx.now + inMs;
      ctx.schedule(name, { at, command: 'ring', input: { name } });
      return accept(at, [event('set', { name, at })]);
    }),
    cancel: command(trusted<Omit<SetAlarm, 'inMs'>>(), (_state, { name }, ctx) => {
      ctx.cancel(name);
      return accept(null, [event('cancelled', { name })]);
    }),
    ring: command(trusted<{ readonly name: string }>(), (_state, { name }, ctx) => {
      ctx.effect('tell', { name }, { then: 'told' });
      return accept(null, [event('rang', { name, at: ctx.timer?.at ?? 0 })]);
    }),
    told: command(trusted<EffectOutcome>(), () => accept(null, [event('told', {})])),
  },
  events: {
    set: (state, { name, at }: { name: string; at: number }) => void state.due.set(name, at),
    cancelled: (state, { name }: { name: string }) => void state.due.delete(name),
    rang: (state, { name }: { name: string; at: number }) => {
      state.due.delete(name);
      state.rung++;
    },
    told: (state) => {
      state.told++;
    },
  },
  effects: { tell: effect(trusted<{ readonly name: string }>()) },
  queries: { counts: query(({ due, rung, told }) => ({ waiting: due.size, rung, told })) },
});
