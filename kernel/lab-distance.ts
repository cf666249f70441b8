/** Squared distance between two colours in OKLab, by their addresses, three f32 each. */
export function squaredDistance(one: usize, other: usize): f64 {
  const l = <f64>load<f32>(one) - <f64>load<f32>(other)
  const a = <f64>load<f32>(one, 4) - <f64>load<f32>(other, 4)
  const b = <f64>load<f32>(one, 8) - <f64>load<f32>(other, 8)
  return l * l + a * a + b * b
}
