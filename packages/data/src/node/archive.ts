/** An official archive of a data set. */
export interface Archive {
  readonly url: string;
  readonly md5: string;
  /** The folder that the archive unpacks to. */
  readonly folder: string;
  /** A file by which the unpacked data set is recognised. */
  readonly landmark: RegExp;
}

/** The binary version of CIFAR-10, 170 MB. */
export const cifar10Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  md5: "c32a1d4ab5d03f1284b67883e8d87530",
  folder: "cifar-10-batches-bin",
  landmark: /^data_batch_\d+\.bin$/,
};

/** The binary version of CIFAR-100, 169 MB. */
export const cifar100Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  md5: "03b5dce01913d631647c71ecec9e9cb8",
  folder: "cifar-100-binary",
  landmark: /^train\.bin$/,
};
