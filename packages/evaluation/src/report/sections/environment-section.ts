import type { ReportRun } from '../collect-runs.js';
import { formatBytes } from '../format-figure.js';
import { type Html, html } from '../html.js';
import { deviceDetails, distinctDevices, distinctEnvironments } from '../surroundings.js';
import { figure, table } from '../table.js';

/** The machine and what really executed on it. */
export function environmentSection(runs: readonly ReportRun[]): Html {
  const environments = distinctEnvironments(runs);
  const devices = distinctDevices(runs);
  return html`<section>
<h2>Environment</h2>
${
  environments.length === 0
    ? html`<p>No run told its machine.</p>`
    : table(
        'Machine',
        [
          { header: 'Processor', cell: ({ cpu }) => cpu, as: 'row' },
          {
            header: 'Logical processors',
            cell: ({ processors }) => figure(processors, String),
            as: 'figure',
          },
          { header: 'Memory', cell: ({ memory_bytes }) => figure(memory_bytes, formatBytes), as: 'figure' },
          { header: 'System', cell: ({ os, arch }) => `${os} (${arch})` },
          { header: 'Node.js', cell: ({ node }) => node },
          { header: 'Images', cell: ({ image_library }) => image_library },
        ],
        environments,
      )
}
${
  devices.length === 0
    ? html`<p>No run told what its devices are.</p>`
    : table(
        'Devices: what really executed',
        [
          { header: 'Device', cell: ({ device }) => html`<code>${device}</code>`, as: 'row' },
          { header: 'Role', cell: ({ role }) => role },
          {
            header: 'Backend',
            cell: ({ backend, index }) => (index === undefined ? backend : `${backend} @${index}`),
          },
          { header: 'Hardware', cell: ({ name }) => name },
          { header: 'Precision', cell: ({ precision }) => precision },
          { header: 'Library', cell: ({ library }) => library },
          { header: 'Isolation', cell: ({ isolation }) => isolation },
          { header: 'Details', cell: ({ details }) => deviceDetails(details), as: 'long' },
        ],
        devices,
      )
}
</section>`;
}
