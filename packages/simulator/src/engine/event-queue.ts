/** Something that is to happen. */
export interface Task {
  /** Simulated milliseconds. */
  readonly at: number;
  /** Tasks of one moment run in this order. */
  readonly order: number;
  /** Null once it was cancelled. */
  run: (() => void) | null;
}

/** Tasks in the order of their times: a binary heap. */
export class EventQueue {
  readonly #heap: Task[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): Task | undefined {
    return this.#heap[0];
  }

  push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Task;
      if (precedes(above, task)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
  }

  pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && precedes(right, heap[child] as Task)) child++;
      const below = heap[child] as Task;
      if (precedes(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

export function precedes(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
