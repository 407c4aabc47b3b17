/** Number format of the arithmetic. A backend may know others than those named here. */
export type Precision = 'fp32' | 'fp16' | 'bf16' | 'int8' | (string & {});
