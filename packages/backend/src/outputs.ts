/**
 * What a session can give, named as the reference names it:
 * `last_hidden_state` `[B, 1 + N, D]` (after the final LayerNorm), `hidden_states.k` `[B, 1 + N, D]` (before it; 0 is the
 * embeddings, k the output of layer k, counted from 1) and `attentions.k` `[B, heads, 1 + N, 1 + N]` (softmax weights of
 * layer k, counted from 0).
 */
export type OutputName = 'last_hidden_state' | `hidden_states.${number}` | `attentions.${number}`;

/**
 * Which tokens of `last_hidden_state` are asked for: all `[B, 1 + N, D]`, the CLS token `[B, 1, D]`
 * or the patches `[B, N, D]`. It does not change the other outputs.
 */
export type TokenSelection = 'all' | 'cls' | 'patches';
