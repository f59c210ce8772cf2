import { type MemberReport, reportMembers } from './member-status.ts';

/** Reports the members again and again, one report after the other; returns how to stop that. */
export function watchMembers(
  endpoints: readonly string[],
  { refreshMs, timeoutMs }: { readonly refreshMs: number; readonly timeoutMs: number },
  onReport: (reports: readonly MemberReport[]) => void,
): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  // Who was found once is asked on: it may be the last one that is still there.
  const known = new Set(endpoints);
  const refresh = async () => {
    const reports = await reportMembers([...known], timeoutMs);
    if (stopped) return;
    for (const { endpoint } of reports) if (known.size < endpoints.length + foundMax) known.add(endpoint);
    onReport(reports);
    timer = setTimeout(() => void refresh(), refreshMs);
  };
  void refresh();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** The most members that are remembered besides the given endpoints. */
const foundMax = 64;
