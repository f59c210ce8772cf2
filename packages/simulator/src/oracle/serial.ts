/**
 * The name of one call of a client, unique in a run: the process that makes it, and how many it made before, as one number. It
 * travels in the command, so that each write can be told from all others in the log.
 */
export type Serial = number;

const numbersPerProcess = 2 ** 27;

/** `process` below 2^26, `number` below 2^27: all serials are safe integers. */
export function serialOf(process: number, number: number): Serial {
  return process * numbersPerProcess + number;
}

export function processOf(serial: Serial): number {
  return Math.floor(serial / numbersPerProcess);
}

export function numberOf(serial: Serial): number {
  return serial % numbersPerProcess;
}

/** As in `7/12`: the thirteenth call of process 7. Of process 0, which all calls are of where a run counts them, only the number. */
export function describeSerial(serial: Serial): string {
  const process = processOf(serial);
  return process === 0 ? String(serial) : `${process}/${numberOf(serial)}`;
}
