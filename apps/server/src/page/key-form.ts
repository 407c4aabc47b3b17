import { existing } from './element.js';

const storageName = 'webssl-api-key';

export interface KeyForm {
  /** The key, where one was given in this tab. */
  key(): string | undefined;
  /** Asks for a key. */
  show(reason: string): void;
  /** Whether it still asks. */
  isShown(): boolean;
}

/** The field for the server's API key. It is kept until the tab is closed, and in no other tab. */
export function keyForm(onKey: () => void): KeyForm {
  const form = existing('key-form', HTMLFormElement);
  const field = existing('key', HTMLInputElement);
  const reasonText = existing('key-reason', HTMLElement);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (key === '') return;
    sessionStorage.setItem(storageName, key);
    field.value = '';
    form.hidden = true;
    onKey();
  });
  return {
    key: () => sessionStorage.getItem(storageName) ?? undefined,
    show(reason) {
      reasonText.textContent = reason;
      form.hidden = false;
    },
    isShown: () => !form.hidden,
  };
}
