/** As much of WebAssembly as is used here: Node.js has it, but its types come only with those of browsers. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object
  const Instance: new (module: object) => { readonly exports: unknown }
  interface Global {
    readonly value: number
  }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
}
