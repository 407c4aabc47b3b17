import { execFileSync, spawnSync } from 'node:child_process';

const python = process.env['WEBSSL_PYTHON'] ?? 'python3';

/** Prints for each case on standard input which proxy httpx would use, as JSON. */
const program = `
import json, os, sys
import httpx

answers = []
for variables, address in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(variables)
    with httpx.Client() as client:
        transport = client._transport_for_url(httpx.URL(address))
        url = getattr(transport._pool, "_proxy_url", None)
        answers.append(None if url is None else "%s://%s:%d" % (url.scheme.decode(), url.host.decode(), url.port))
json.dump(answers, sys.stdout)
`;

/** Whether Python (WEBSSL_PYTHON, else `python3`) has httpx. */
export function hasHttpx(): boolean {
  return spawnSync(python, ['-c', 'import httpx']).status === 0;
}

/** The proxy that httpx uses for an address in an environment; null for none. */
export function httpxProxyFor(
  cases: readonly (readonly [Readonly<Record<string, string>>, string])[],
): unknown {
  return JSON.parse(
    execFileSync(python, ['-c', program], { input: JSON.stringify(cases), encoding: 'utf8' }),
  );
}
