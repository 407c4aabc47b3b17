import { Busboy } from '@fastify/busboy';
import { WebsslError } from '@webssl/backend';
import type { ServerLimits } from '../limits/server-limits.js';
import { requestInvalid, tooManyImages } from './request-error.js';

/** A file of a form; one that is too large is an error in its own place and takes no other with it. */
interface FormFile {
  readonly name: string;
  readonly content: { readonly bytes: Uint8Array } | { readonly error: WebsslError };
}

/** What a multipart body held. */
export interface Form {
  readonly kind: 'form';
  readonly files: readonly FormFile[];
  /** By name; the last one of a name counts. */
  readonly fields: ReadonlyMap<string, string>;
}

const mostFields = 16;
const longestField = 4096;

/**
 * Reads a multipart body (RFC 7578) whose files are images.
 *
 * @param contentType the header with the boundary
 * @throws WebsslError `REQUEST_INVALID`, `TOO_MANY_IMAGES`, `IMAGE_TOO_LARGE`; what the stream fails with
 */
export function readForm(
  body: NodeJS.ReadableStream,
  contentType: string,
  { imagesPerRequest, imageBytes }: Pick<ServerLimits, 'imagesPerRequest' | 'imageBytes'>,
): Promise<Form> {
  return new Promise((resolve, reject) => {
    const files: FormFile[] = [];
    const fields = new Map<string, string>();
    const fail = (error: unknown) => {
      body.unpipe(parser);
      parser.removeAllListeners();
      // What is still to come has no reader any more.
      parser.on('error', () => undefined);
      body.resume();
      reject(error);
    };
    const parser = openParser(contentType, imagesPerRequest, imageBytes);
    parser.on('file', (_field, stream, filename) => {
      let chunks: Buffer[] = [];
      let error: WebsslError | undefined;
      const position = files.push({ name: filename ?? '', content: { bytes: new Uint8Array() } }) - 1;
      stream.on('data', (chunk: Buffer) => {
        if (error === undefined) chunks.push(chunk);
      });
      stream.on('limit', () => {
        error = imageTooLarge(imageBytes);
        chunks = [];
      });
      stream.on('error', fail);
      stream.on('end', () => {
        const content = error === undefined ? { bytes: Buffer.concat(chunks) } : { error };
        files[position] = { name: filename ?? '', content };
      });
    });
    parser.on('field', (name, value, _nameCut, valueCut) => {
      if (valueCut) fail(requestInvalid(`The field ${name} is longer than ${longestField} bytes.`, name));
      else fields.set(name, value);
    });
    parser.on('filesLimit', () => fail(tooManyImages(imagesPerRequest + 1, imagesPerRequest)));
    parser.on('fieldsLimit', () => fail(requestInvalid(`The form has more than ${mostFields} fields.`)));
    parser.on('error', (error: Error) => fail(requestInvalid(`The form cannot be read: ${error.message}.`)));
    parser.on('finish', () => resolve({ kind: 'form', files, fields }));
    body.on('error', fail);
    body.pipe(parser);
  });
}

function openParser(contentType: string, files: number, fileSize: number) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        files,
        fileSize,
        fields: mostFields,
        fieldSize: longestField,
        fieldNameSize: 100,
        headerPairs: 20,
      },
    });
  } catch (error) {
    throw requestInvalid(`The form cannot be read: ${(error as Error).message}.`);
  }
}

function imageTooLarge(limit: number): WebsslError {
  return new WebsslError({
    code: 'IMAGE_TOO_LARGE',
    message: `The image has more than the ${limit} bytes that this server takes.`,
    details: { option: 'bytes' },
  });
}
