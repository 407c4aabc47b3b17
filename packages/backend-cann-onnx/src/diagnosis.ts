/** What a message of ONNX Runtime means. */
export interface Diagnosis {
  /** The library's own words: paths and names are the user's. */
  readonly pattern: RegExp;
  readonly code: string;
  /** Where the library says no more than a number. */
  readonly meaning?: string;
  readonly advice: string;
  /**
   * What is to be done about a device that failed: `renew` where a fresh session may do better, `give-up` where the hardware is
   * defective.
   */
  readonly policy?: 'renew' | 'give-up';
}
