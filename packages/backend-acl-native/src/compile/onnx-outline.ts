import { WebsslError } from '@webssl/backend';

/** Bytes of a weight file that an ONNX model points to. */
export interface ExternalRange {
  /** Name of the tensor. */
  readonly tensor: string;
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** What matters of an ONNX model to the one who writes it to a folder for the compiler. */
export interface OnnxOutline {
  /** Version of the standard operators that it is written for; undefined where it does not say. */
  readonly opset: number | undefined;
  /** Names of the outputs, in the order in which the model gives them. */
  readonly outputs: readonly string[];
  readonly external: readonly ExternalRange[];
}

// Field numbers of onnx.proto.
const modelGraph = 7;
const modelOpset = 8;
const opsetDomain = 1;
const opsetVersion = 2;
const graphInitializer = 5;
const graphOutput = 12;
const tensorName = 8;
const tensorExternalData = 13;
const valueName = 1;
const entryKey = 1;
const entryValue = 2;

/**
 * Reads names and weight ranges of a serialised ONNX model; the rest of it is skipped.
 * @throws WebsslError `BACKEND_MODEL_REFUSED` when the bytes are no ONNX model, or when external data has keys besides location,
 * offset and length: the compiler takes the value of any other key for the length.
 */
export function outlineOnnx(bytes: Uint8Array): OnnxOutline {
  const graph = messages(bytes, modelGraph).at(0);
  if (graph === undefined) throw refused('it has no graph');
  const standard = messages(bytes, modelOpset).find((opset) =>
    ['', 'ai.onnx'].includes(text(opset, opsetDomain)),
  );
  return {
    opset: standard && integers(standard, opsetVersion).at(-1),
    outputs: messages(graph, graphOutput).map((value) => text(value, valueName)),
    external: messages(graph, graphInitializer).flatMap(externalRange),
  };
}

function externalRange(tensor: Uint8Array): ExternalRange[] {
  const entries = messages(tensor, tensorExternalData);
  if (entries.length === 0) return [];
  const name = text(tensor, tensorName);
  const { location, offset, length, ...others } = Object.fromEntries(
    entries.map((entry) => [text(entry, entryKey), text(entry, entryValue)]),
  );
  const surplus = Object.keys(others);
  if (surplus.length > 0) {
    throw refused(
      `the external data of ${JSON.stringify(name)} has the key ${JSON.stringify(surplus[0])}; the compiler knows location, offset and length only`,
    );
  }
  if (location === undefined) throw refused(`the external data of ${JSON.stringify(name)} has no location`);
  return [{ tensor: name, location, offset: count(offset, name), length: count(length, name) }];
}

function count(value: string | undefined, tensor: string): number {
  if (value !== undefined && /^\d{1,15}$/.test(value)) return Number(value);
  throw refused(`the external data of ${JSON.stringify(tensor)} has no offset or length`);
}

function text(message: Uint8Array, field: number): string {
  const bytes = messages(message, field).at(-1);
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
}

/** All values of a length-delimited field of a protobuf message. */
function messages(message: Uint8Array, wanted: number): Uint8Array[] {
  return fields(message).flatMap(({ number, value }) =>
    number === wanted && typeof value !== 'number' ? [value] : [],
  );
}

/** All values of an integer field of a protobuf message. */
function integers(message: Uint8Array, wanted: number): number[] {
  return fields(message).flatMap(({ number, value }) =>
    number === wanted && typeof value === 'number' ? [value] : [],
  );
}

interface Field {
  readonly number: number;
  /** An integer, or bytes. */
  readonly value: number | Uint8Array;
}

/** The integer and length-delimited fields of a protobuf message. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = message[position++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw refused('its protobuf encoding is broken');
  };
  while (position < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        found.push({ number, value: varint() });
        break;
      case 1:
        position += 8;
        break;
      case 2: {
        const length = varint();
        if (position + length > message.length) throw refused('it is cut off');
        found.push({ number, value: message.subarray(position, position + length) });
        position += length;
        break;
      }
      case 5:
        position += 4;
        break;
      default:
        throw refused('its protobuf encoding is broken');
    }
  }
  return found;
}

function refused(reason: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_MODEL_REFUSED',
    message: `The ONNX model cannot be handed to the Ascend compiler: ${reason}.`,
  });
}
