import { WebsslError } from '@webssl/backend';
import { catalogue } from './catalogue.js';
import { editDistance } from './edit-distance.js';

const mostSuggestions = 3;

/** Beyond this an id is another one, not a misspelt one. */
const largestDistance = 5;

/** A part of a name that is long enough to mean something, such as `mae`. */
const shortestPart = 3;

/** Catalogue ids that look like a mistyped or shortened id, nearest first. */
export function nearModels(id: string): readonly string[] {
  // Nothing useful is this long, and the distance takes time in proportion.
  if (id.length > 100) return [];
  const typed = id.toLowerCase();
  return catalogue()
    .map((entry) => {
      const name = entry.id.slice(entry.id.indexOf('/') + 1);
      const distance = Math.min(editDistance(typed, entry.id), editDistance(typed, name));
      const isPart = typed.length >= shortestPart && entry.id.includes(typed);
      return { id: entry.id, distance, near: isPart || distance <= largestDistance };
    })
    .filter(({ near }) => near)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, mostSuggestions)
    .map((candidate) => candidate.id);
}

/** The error for a name that is no catalogue id, with suggestions. */
export function unknownModel(id: string, suggestions = nearModels(id)): WebsslError {
  const advice =
    suggestions.length > 0
      ? `Did you mean ${suggestions.join(' or ')}?`
      : 'Give a catalogue id, the id of another hub repository (<owner>/<name>), a checkpoint folder, or random:<catalogue id>.';
  return new WebsslError({
    code: 'MODEL_UNKNOWN',
    message: `There is no model '${id}' in the catalogue and no folder of that name. ${advice}`,
    details: { id, suggestions },
  });
}
