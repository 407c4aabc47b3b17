import { existing } from './element.js';

export interface GivenImage {
  readonly file: Blob;
  readonly name: string;
}

/** Calls back with the images that are chosen, dropped anywhere on the page, or pasted. */
export function takeImages(onImages: (images: readonly GivenImage[]) => void): void {
  const input = existing('files', HTMLInputElement);
  const target = existing('drop', HTMLElement);
  const give = (files: Iterable<File> | null | undefined) => {
    const images = [...(files ?? [])].map((file) => ({ file, name: file.name || 'pasted image' }));
    if (images.length > 0) onImages(images);
  };

  input.addEventListener('change', () => {
    give(input.files);
    // The same file can be chosen again.
    input.value = '';
  });
  document.addEventListener('paste', (event) => give(event.clipboardData?.files));

  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    target.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) target.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    target.classList.remove('over');
    if (!hasFiles(event)) return;
    event.preventDefault();
    give(event.dataTransfer?.files);
  });
}
