/** The address that a `Link` header (RFC 8288) gives for the next page; undefined where it gives none. */
export function nextPage(header: string | undefined): string | undefined {
  for (const [, address, parameters = ''] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/);
    if (address && names.includes('next')) return address;
  }
  return undefined;
}
