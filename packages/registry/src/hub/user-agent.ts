import packageJson from '../../package.json' with { type: 'json' };

/** The build puts the version into the built file. */
export const userAgent = `webssl/${packageJson.version}`;
