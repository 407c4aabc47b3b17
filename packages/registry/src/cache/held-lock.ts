/** A lock that this process holds. */
export interface DownloadLock {
  /** Aborts when another process has taken the lock over, because this one stood still for long. */
  readonly lost: AbortSignal;
  /** May be called more than once. */
  release(): Promise<void>;
}

/** How a lock is waited for. */
export interface WaitOptions {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called once, when another holds the lock and does not let go of it soon. What it throws ends the wait. */
  readonly onWait?: () => void;
}
