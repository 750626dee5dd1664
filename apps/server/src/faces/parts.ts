/** A file of a package that is kept: where it lies in there, where it is put, and what it has to be (SHA-256, hex). */
export type PartFile = { from: string, to: string, sha256: string }

/** A package of the registry of which some files are kept. `integrity`: of the whole of it, as npm writes it (sha512, base64). */
export type Part = { name: string, version: string, integrity: string, files: readonly PartFile[] }

/**
 * What faces need beside the program: the engine that runs models, what unpacks pictures, and the models of the default pack.
 * All of it runs on every machine that has Node, and installs nothing of its own. See docs/faces.md for what is known of the models.
 */
export const parts: readonly Part[] = [
  {
    name: 'faceplugin-face-recognition-js', version: '0.0.1', integrity: 'sha512-shriXjd4zJHEwhK1jHK+bWo8Vv6Vu9B/w6RRsd4AFtNM/jaI2vhuOamOSMl9qQmLd8WlQ7dgqN+3C2iOi5pXWw==',
    files: [
      { from: 'model/fr_detect.onnx', to: 'default/detect.onnx', sha256: '6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854' },
      { from: 'model/fr_landmark.onnx', to: 'default/landmarks.onnx', sha256: 'f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258' },
      { from: 'model/fr_feature.onnx', to: 'default/embed.onnx', sha256: '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581' },
      { from: 'model/fr_liveness.onnx', to: 'default/liveness.onnx', sha256: 'afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d' },
      { from: 'model/fr_eye.onnx', to: 'default/eyes.onnx', sha256: '1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de' }
    ]
  },
  {
    name: 'onnxruntime-web', version: '1.30.0', integrity: 'sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==',
    files: [
      { from: 'dist/ort.wasm.min.mjs', to: 'engine/ort.wasm.min.mjs', sha256: '219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b' },
      { from: 'dist/ort-wasm-simd-threaded.mjs', to: 'engine/ort-wasm-simd-threaded.mjs', sha256: 'e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b' },
      { from: 'dist/ort-wasm-simd-threaded.wasm', to: 'engine/ort-wasm-simd-threaded.wasm', sha256: '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2' }
    ]
  },
  {
    name: '@jsquash/jpeg', version: '1.6.0', integrity: 'sha512-zwN46Awh1VM6gXlIcALwb5WzqK5H2e6+Awcs1QP8AvS8ohsK/sbE4esvmH4jhlhW7+CgiUUww66vg0aTnlSIMA==',
    files: [
      { from: 'decode.js', to: 'jpeg/decode.js', sha256: '399ae5ee673223c43d68727192eac9545796a031710608c950381b33c1df6429' },
      { from: 'utils.js', to: 'jpeg/utils.js', sha256: 'e71535eeee820d68b68ece7c8af761c39f3ddec93d3d957d2f83b19191339e0d' },
      { from: 'meta.js', to: 'jpeg/meta.js', sha256: 'f1c1f3cd95d3a03de8e87b59e12aaf4f2d9a16a0b20531373d9164c26ca84fce' },
      { from: 'codec/dec/mozjpeg_dec.js', to: 'jpeg/codec/dec/mozjpeg_dec.js', sha256: 'a6836b2d03d4fdda64b4aef380e6298d7421c070e7e1e4cf13ec129df7aa0b5e' },
      { from: 'codec/dec/mozjpeg_dec.wasm', to: 'jpeg/codec/dec/mozjpeg_dec.wasm', sha256: 'a7c4b12169817e779ff4af137981393ae924944e167ad1bd95747c9199162d3e' },
      { from: 'package.json', to: 'jpeg/package.json', sha256: '7b1e0578e6c3361393a8dc3873454e6b93fdc309911bad33bd911a70092ec783' }
    ]
  },
  {
    name: '@jsquash/png', version: '3.1.1', integrity: 'sha512-C10pc+0H6j0h8fENOfnGOvkXCmvpSQTDGlfGd0sHphZhPSGTyLjIrHba0FaZZdsKqA/wlmhYicUHb92vfZphaw==',
    files: [
      { from: 'decode.js', to: 'png/decode.js', sha256: 'e9c9b1eabb5993f85e13f95720bee2a875f6fc4a9d976b6680dcf7b9843ac738' },
      { from: 'codec/pkg/squoosh_png.js', to: 'png/codec/pkg/squoosh_png.js', sha256: '65ebe1192f970c46263d52a122edf6bd01be81174c6bf1736a16f1e6f0e9b411' },
      { from: 'codec/pkg/squoosh_png_bg.wasm', to: 'png/codec/pkg/squoosh_png_bg.wasm', sha256: '263d6e658808a74b72a1a99c5cc1d619237e70c150db6e41d5d84d3d117ab9be' },
      { from: 'package.json', to: 'png/package.json', sha256: 'e269127ef77d75435adafb428cc685f47471a8599f226e27d0646c5e147c3e69' }
    ]
  },
  {
    name: '@vladmandic/face-api', version: '1.7.15', integrity: 'sha512-WDMmK3CfNLo8jylWqMoQgf4nIst3M0fzx1dnac96wv/dvMTN4DxC/Pq1DGtduDk1lktCamQ3MIDXFnvrdHTXDw==',
    files: [
      { from: 'demo/sample1.jpg', to: 'samples/sample1.jpg', sha256: '8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51' },
      { from: 'demo/sample2.jpg', to: 'samples/sample2.jpg', sha256: '7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691' },
      { from: 'demo/sample3.jpg', to: 'samples/sample3.jpg', sha256: '8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936' },
      { from: 'demo/sample4.jpg', to: 'samples/sample4.jpg', sha256: '729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc' },
      { from: 'demo/sample5.jpg', to: 'samples/sample5.jpg', sha256: '6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938' },
      { from: 'demo/sample6.jpg', to: 'samples/sample6.jpg', sha256: '9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87' }
    ]
  }
]
