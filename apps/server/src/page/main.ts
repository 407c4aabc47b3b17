import { asksForKey, createApiClient } from './api-client.js';
import { existing } from './element.js';
import { errorText } from './error-text.js';
import { imageCollection } from './image-collection.js';
import { takeImages } from './image-intake.js';
import { keyForm } from './key-form.js';
import { showServer } from './server-summary.js';
import { viewControls } from './view.js';

/** Milliseconds between two looks at the queue: while images are computed, and otherwise. */
const [busyInterval, idleInterval] = [2000, 15_000];

const unreachable = existing('unreachable', HTMLElement);
const keys = keyForm(look);
const client = createApiClient(keys.key);
const images = imageCollection(client, (error) => keys.show(errorText(error)));
const view = viewControls(images.show);
let nextLook: ReturnType<typeof setTimeout> | undefined;
let isKnown = false;

images.show(view.current());
takeImages(images.add);
existing('remove-all', HTMLButtonElement).addEventListener('click', images.removeAll);
document.addEventListener('visibilitychange', look);
look();

/** Asks what the server is doing, starts what waited for that, and looks again later. */
function look(): void {
  clearTimeout(nextLook);
  if (document.hidden || keys.isShown()) return;
  client
    .info()
    .then((info) => {
      if (!isKnown) view.offer(info);
      isKnown = true;
      unreachable.hidden = true;
      showServer(info);
      images.serve(info);
    })
    .catch((error: unknown) => {
      if (asksForKey(error)) {
        keys.show(errorText(error));
        return;
      }
      unreachable.textContent = errorText(error);
      unreachable.hidden = false;
    })
    .finally(() => {
      clearTimeout(nextLook);
      nextLook = setTimeout(look, images.isComputing() ? busyInterval : idleInterval);
    });
}
