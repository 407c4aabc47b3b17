/**
 * A linear classifier: standardised features times the weights of a label, plus its bias, are the label's score.
 *
 * @typedef {object} Classifier
 * @property {string[]} labels
 * @property {number[]} mean of each column of the features
 * @property {number[]} scale one over the standard deviation of each column
 * @property {number[][]} weights a row for each label; its last number is the bias
 */

const steps = 300;
const decay = 1e-3;

/**
 * Multinomial logistic regression by gradient descent over all samples at once.
 *
 * @param {readonly { feature: Float32Array, label: string }[]} samples
 * @returns {Classifier}
 */
export function fit(samples) {
  const labels = [...new Set(samples.map(({ label }) => label))].sort();
  const features = samples.map(({ feature }) => feature);
  const width = features[0]?.length ?? 0;
  /** @type {Classifier} */
  const classifier = {
    labels,
    ...standardization(features, width),
    weights: labels.map(() => new Array(width + 1).fill(0)),
  };
  const rows = features.map((feature) => standardized(feature, classifier));
  // Standardised columns and a softmax curve the loss by half the number of columns at most: this never overshoots.
  const step = 2 / (width + 1);

  for (let count = 0; count < steps; count++) {
    const gradients = labels.map(() => new Float64Array(width + 1));
    for (const [index, row] of rows.entries()) {
      for (const [label, probability] of probabilities(row, classifier.weights).entries()) {
        const error = (probability - (samples[index]?.label === labels[label] ? 1 : 0)) / rows.length;
        const gradient = gradients[label] ?? new Float64Array();
        for (let column = 0; column <= width; column++) gradient[column] += error * (row[column] ?? 0);
      }
    }
    classifier.weights = classifier.weights.map((weights, label) =>
      weights.map((weight, column) => {
        const pull = column < width ? decay * weight : 0;
        return weight - step * ((gradients[label]?.[column] ?? 0) + pull);
      }),
    );
  }
  return classifier;
}

/**
 * @param {Float32Array} feature
 * @param {Classifier} classifier
 * @returns {{ label: string, probability: number }[]} the most probable first
 */
export function classify(feature, classifier) {
  const row = standardized(feature, classifier);
  return probabilities(row, classifier.weights)
    .map((probability, index) => ({ label: classifier.labels[index] ?? '', probability }))
    .sort((one, other) => other.probability - one.probability);
}

/**
 * @param {readonly Float32Array[]} features
 * @param {number} width
 */
function standardization(features, width) {
  const mean = new Array(width).fill(0);
  const variance = new Array(width).fill(0);
  for (const feature of features) {
    for (let column = 0; column < width; column++) mean[column] += (feature[column] ?? 0) / features.length;
  }
  for (const feature of features) {
    for (let column = 0; column < width; column++)
      variance[column] += ((feature[column] ?? 0) - mean[column]) ** 2 / features.length;
  }
  return { mean, scale: variance.map((value) => 1 / (Math.sqrt(value) || 1)) };
}

/**
 * @param {Float32Array} feature
 * @param {Pick<Classifier, 'mean' | 'scale'>} classifier
 * @returns {Float64Array} with a 1 for the bias at its end
 */
function standardized(feature, { mean, scale }) {
  const row = new Float64Array(feature.length + 1).fill(1);
  for (const [column, value] of feature.entries())
    row[column] = (value - (mean[column] ?? 0)) * (scale[column] ?? 1);
  return row;
}

/**
 * @param {Float64Array} row
 * @param {readonly (readonly number[])[]} weights
 * @returns {number[]} softmax of the scores
 */
function probabilities(row, weights) {
  const scores = weights.map((weight) => {
    let score = 0;
    for (let column = 0; column < row.length; column++) score += (row[column] ?? 0) * (weight[column] ?? 0);
    return score;
  });
  const highest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - highest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / total);
}
