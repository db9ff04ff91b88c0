/* What reads and writes files, for Node: the door `@awp/data/node`. */
export { type Cifar10Options, type Cifar100Options, cifar10, cifar100 } from "./node/cifar";
export { DataError } from "./node/data-error";
export { type DownloadEvent, type DownloadOptions, downloadCifar10, downloadCifar100 } from "./node/download";
export { fetchFile, type FetchProgress } from "./node/fetch-file";
export { type ImageArraysOptions, imageArrays } from "./node/image-arrays";
export { type ImageFolder, type ImageFolderOptions, imageFolder } from "./node/image-folder";
export { type ImageNet32Options, imagenet32 } from "./node/imagenet32";
export { type SvhnOptions, svhn } from "./node/svhn";
