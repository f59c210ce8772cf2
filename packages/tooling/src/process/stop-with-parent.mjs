const pollMs = 500;

/**
 * Ends this process as a SIGTERM would once the process that started it is gone. npm passes a SIGTERM on to its shell
 * only, which dies of it without a word to us; what we had started would stay behind.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, pollMs);
  timer.unref();
}
