import { type CommittedCommand, decodeCommand, encodeCommand, type Outcome, type StateMachine } from '@flotilla/state-machine';

/** Adds numbers up and keeps the order in which they came. `explode` throws, as a defective machine does. */
export class AddingMachine implements StateMachine {
  readonly name = 'adding';
  readonly version = 1;
  readonly added: number[] = [];

  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    return commands.map(({ payload }) => {
      const { type, input } = decodeCommand(payload);
      if (type === 'explode') throw new Error('the machine exploded');
      if (type === 'refuse') return { kind: 'rejected', code: 'refused', message: 'refused', details: input };
      this.added.push(Number(input));
      return { kind: 'accepted', reply: this.added.length, events: [{ type: 'added', data: input }] };
    });
  }

  query(): unknown {
    return [...this.added];
  }

  async encode(command: { readonly type: string; readonly input: unknown }): Promise<Uint8Array> {
    return encodeCommand(command);
  }

  decode(payload: Uint8Array) {
    return decodeCommand(payload);
  }

  snapshot(): Uint8Array {
    return encodeCommand({ type: 'added', input: this.added });
  }

  restore(snapshot: Uint8Array): void {
    this.added.splice(0, this.added.length, ...(decodeCommand(snapshot).input as number[]));
  }
}
