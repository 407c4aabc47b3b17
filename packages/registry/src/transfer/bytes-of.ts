/** `5 of 12 bytes`, or `5 bytes` where the whole is not known. */
export function bytesOf(presentBytes: number, totalBytes: number | undefined): string {
  return totalBytes === undefined ? `${presentBytes} bytes` : `${presentBytes} of ${totalBytes} bytes`;
}
