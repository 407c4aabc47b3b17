/** The model that is meant when none is named: ViT-Huge, 32 layers, width 1280. */
export const referenceModel = 'facebook/webssl-mae700m-full2b-224';
