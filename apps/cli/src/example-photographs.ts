import { fileURLToPath } from 'node:url';

/** Ships with the command (assets/README.md): a rocket launch. */
export const examplePhotograph = fileURLToPath(new URL('../assets/rocket.jpg', import.meta.url));

/** A second one, unlike the first: a cat. */
export const otherPhotograph = fileURLToPath(new URL('../assets/cat.png', import.meta.url));
