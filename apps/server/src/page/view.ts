import { element, existing } from './element.js';
import type { ServerInfo } from './server-info.js';
import { servesAttention } from './server-info.js';

/** What lies over the pictures. */
export interface View {
  readonly layer: 'none' | 'colours' | 'attention';
  /** 0 (not seen) to 1 (covers the picture). */
  readonly opacity: number;
  readonly head: number | 'mean';
}

export interface ViewControls {
  current(): View;
  /** Offers the model's heads, and its attention where the server gives it. */
  offer(info: ServerInfo): void;
}

/** The controls above the pictures. */
export function viewControls(onChange: (view: View) => void): ViewControls {
  const group = existing('view', HTMLFieldSetElement);
  const opacity = existing('opacity', HTMLInputElement);
  const opacityValue = existing('opacity-value', HTMLOutputElement);
  const head = existing('head', HTMLSelectElement);
  const headField = existing('head-field', HTMLElement);
  const attention = existing('layer-attention', HTMLInputElement);

  function current(): View {
    const chosen = group.querySelector<HTMLInputElement>('input[name="layer"]:checked')?.value;
    return {
      layer: chosen === 'none' || chosen === 'attention' ? chosen : 'colours',
      opacity: Number(opacity.value) / 100,
      head: head.value === 'mean' ? 'mean' : Number(head.value),
    };
  }

  function change(): void {
    const view = current();
    opacityValue.value = `${opacity.value} %`;
    headField.hidden = view.layer !== 'attention';
    opacity.disabled = view.layer === 'none';
    onChange(view);
  }

  group.addEventListener('input', change);
  return {
    current,
    offer(info) {
      const options = Array.from({ length: info.model.heads }, (_, index) =>
        element('option', { value: index }, `Head ${index + 1}`),
      );
      head.replaceChildren(
        element('option', { value: 'mean' }, `Mean of ${info.model.heads} heads`),
        ...options,
      );
      attention.disabled = !servesAttention(info);
      existing('attention-missing', HTMLElement).hidden = servesAttention(info);
    },
  };
}
