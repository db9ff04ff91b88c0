import { byChannel, dm, dmPreAct18, perImage, preAct18, res18, res50, sparseDm, wide } from "./architectures";
import { cifar10 } from "./channel-statistics";
import { leaderboard, type RobustBenchModel } from "./robustbench-model";

/** CIFAR-10 in ℓ2 at 0.5. */
export function cifar10L2(): readonly RobustBenchModel[] {
  const exact = byChannel(
    [0.4913997551666284, 0.48215855929893703, 0.4465309133731618],
    [0.24703225141799082, 0.24348516474564, 0.26158783926049628],
  );
  // biome-ignore format: a line for each model
  return leaderboard({ dataset: "cifar10", threatModel: "l2", epsilon: 0.5 }, [
    ["Amini2024MeanSparse_S-WRN-70-16", sparseDm(70, 16, cifar10), 95.51, 87.28, "2406.05927", "1uwtG-c5-M9D68isli04SPhM7Qz8t2wRm", { external: 84.33 }],
    ["Wang2023Better_WRN-70-16", dm(70, 16, cifar10), 95.54, 84.97, "2302.04638", "101UyURyte05tJLA9VFRBN6UDLyn-0sJw"],
    ["Wang2023Better_WRN-28-10", dm(28, 10, cifar10), 95.16, 83.68, "2302.04638", "1-fwKiJXEqHHUngt8wKsNnHuD4vAPvPXC"],
    ["Rebuffi2021Fixing_70_16_cutmix_extra", dm(70, 16, cifar10), 95.74, 82.32, "2103.01946", "1JX82BDVBNO-Ffa2J37EuB8C-aFCbz708"],
    ["Rebuffi2021Fixing_70_16_cutmix_ddpm", dm(70, 16, cifar10), 92.41, 80.42, "2103.01946", "1-8ECIOYF4JB0ywxJOmhkefnv4TW-KuXp"],
    ["Rebuffi2021Fixing_28_10_cutmix_ddpm", dm(28, 10, cifar10), 91.79, 78.8, "2103.01946", "1-DUKcvfDzeWwt0NK7q2XvU-dIi8up8B0"],
    ["Rebuffi2021Fixing_R18_cutmix_ddpm", dmPreAct18(cifar10), 90.33, 75.86, "2103.01946", "1-AlwHsXU28tCOJsf9RKAZxVzbinzzQU3"],
    ["Gowal2020Uncovering_extra", dm(70, 16, cifar10), 94.74, 80.53, "2010.03593", "1pkZDCpCBShpAnx92n8PUeNOY1fSiTi0s"],
    ["Gowal2020Uncovering", dm(70, 16, cifar10), 90.9, 74.5, "2010.03593", "1QL4SNvYydjIg1uI3VP9SyNt-2kTXRisG"],
    ["Augustin2020Adversarial_34_10_extra", wide(34, 10, exact), 93.96, 78.79, "2003.09461", "1--1MFZja6C2iVWi9MgetYjnSIenRBLT-"],
    ["Augustin2020Adversarial_34_10", wide(34, 10, exact), 92.23, 76.25, "2003.09461", "1qPsKS546mKcs71IEhzOS-kLpQFSFhaKL"],
    ["Augustin2020Adversarial", res50(exact), 91.08, 72.91, "2003.09461", "1oDghrzNfkStC2wr5Fq8T896yNV4wVG4d"],
    ["Sehwag2021Proxy", wide(34, 10), 90.93, 77.24, "2104.09425", "1UviikNzpltVFsgMuqQ8YhpmvGczGRS4S"],
    ["Sehwag2021Proxy_R18", res18, 89.76, 74.41, "2104.09425", "1zPjjZj9wujBNkAmHHHIikem6_aIjMhXG"],
    ["Rade2021Helper_R18_ddpm", dmPreAct18(cifar10), 90.57, 76.15, "https://openreview.net/forum?id=BuD2LmNaU3a", "1VWrStAYy5CrUR18sjcpq_LKLpeqgUaoQ"],
    ["Wu2020Adversarial", wide(34, 10), 88.51, 73.66, "2004.05884", "1M5AZ0EZQt7d2AlTmsnqZcfx91-x7YEAV"],
    ["Engstrom2019Robustness", res50(byChannel(cifar10.mean, [0.2023, 0.1994, 0.201])), 90.83, 69.24, "https://github.com/MadryLab/robustness", "1O8rGa6xOUIRwQ-M4ESrCjzknby8TM2ZE"],
    ["Rice2020Overfitting", preAct18(byChannel(cifar10.mean, cifar10.std)), 88.67, 67.68, "2002.11569", "1jo-31utiYNBVzLM0NxUEWz0teo3Z0xa7"],
    ["Rony2019Decoupling", wide(28, 10, byChannel([0.491, 0.482, 0.447], [0.247, 0.243, 0.262])), 89.05, 66.44, "1811.09600", "1Oua2ZYSxNvoDrtlY9vTtRzyBWHziE4Uy"],
    ["Ding2020MMA", wide(28, 4, perImage), 88.02, 66.09, "https://openreview.net/forum?id=HkeryxBtPB", "13wgY0Q_eor52ltZ0PkfJx5BCZ8cLM52E"],
    ["Standard", wide(28, 10), 94.78, 0, "https://github.com/RobustBench/robustbench", "1t98aEuzeTL8P7Kpd5DIrCoCL21BNZUhC"],
  ]);
}
