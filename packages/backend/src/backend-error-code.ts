/** The codes of the errors that every backend may throw; a backend adds its own where these say too little. */
export type BackendErrorCode =
  /** The caller's signal ended the opening or the run. */
  | 'BACKEND_ABORTED'
  /** The session was closed. */
  | 'BACKEND_CLOSED'
  /**
   * The device, its process or its thread died or overran its deadline. The session is over. A fresh one may well work, unless
   * the error's `details.policy` is `give-up`: then the device itself is defective.
   */
  | 'BACKEND_LOST'
  /** The pixels of a run have the wrong type, dimensions or length. */
  | 'BACKEND_INPUT_INVALID'
  /** An output or a token selection that the session was not opened with. */
  | 'BACKEND_OUTPUT_UNAVAILABLE'
  /** The backend cannot compute in the precision asked for. */
  | 'BACKEND_PRECISION_UNSUPPORTED'
  /** The native library is not installed or cannot be loaded. */
  | 'BACKEND_LIBRARY_MISSING'
  /** An option of the backend's factory is out of range. */
  | 'BACKEND_OPTION_INVALID'
  /** The device refused the graph. */
  | 'BACKEND_MODEL_REFUSED'
  /** The weight files that the graph points to are missing, too short or not allowed. */
  | 'BACKEND_WEIGHTS_UNREADABLE'
  /** The device has not enough memory. */
  | 'BACKEND_OUT_OF_MEMORY'
  /** Opening failed for another reason; the cause says which. */
  | 'BACKEND_OPEN_FAILED'
  /** A run failed on the device; the cause says why. The session stays usable. */
  | 'BACKEND_RUN_FAILED';
