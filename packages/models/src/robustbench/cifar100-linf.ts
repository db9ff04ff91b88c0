import { byChannel, dm, dmPreAct18, preAct18, res18, sparseDm, unbuilt, wide } from "./architectures";
import { cifar100, cifar100Exact } from "./channel-statistics";
import { leaderboard, type RobustBenchModel } from "./robustbench-model";

/** CIFAR-100 in ℓ∞ at 8/255. */
export function cifar100Linf(): readonly RobustBenchModel[] {
  const exact = byChannel(cifar100Exact.mean, cifar100Exact.std);
  const mixed = "a mix of two networks, one of them a BiT ResNet-152 with group normalisation";
  const vision = "a vision transformer";
  const helper = "https://openreview.net/forum?id=BuD2LmNaU3a";
  const perceptual = "https://openreview.net/forum?id=SHB_znlW5G7";
  const diverse = "https://artofrobust.github.io/short_paper/31.pdf";
  // biome-ignore format: a line for each model
  return leaderboard({ dataset: "cifar100", threatModel: "linf", epsilon: 8 / 255 }, [
    ["Wang2023Better_WRN-70-16", dm(70, 16, cifar100), 75.22, 42.67, "2302.04638", "1-yYcT73GP13c0y9HrgtpyB3NAfkGKgjY"],
    ["Wang2023Better_WRN-28-10", dm(28, 10, cifar100), 72.58, 38.83, "2302.04638", "1-jOu3wKWyw0XnBCXDGR32xn8Bw9GTJgh"],
    ["Amini2024MeanSparse_S-WRN-70-16", sparseDm(70, 16, cifar100), 75.13, 44.78, "2406.05927", "15jj253Ml9vjXa9tFJKvovDcUaPmL1svO", { external: 42.25 }],
    ["Bai2024MixedNUTS", unbuilt("ResNet-152 + DMWideResNet-70-16", mixed), 83.08, 41.91, "2402.02263", undefined, { external: 41.8 }],
    ["Bai2023Improving_edm", unbuilt("ResNet-152 + DMWideResNet-70-16", mixed), 85.21, 38.72, "2301.12554"],
    ["Bai2023Improving_trades", unbuilt("ResNet-152 + DMWideResNet-70-16", mixed), 80.18, 35.15, "2301.12554"],
    ["Cui2023Decoupled_WRN-28-10", dm(28, 10, cifar100), 73.85, 39.18, "2305.13948", "15BwWdWbNfoarTEWWugicOVkTjh3nXH36"],
    ["Cui2023Decoupled_WRN-34-10_autoaug", wide(34, 10), 65.93, 32.52, "2305.13948", "18hjcLa1V3JTNUOshafLvw1ncxL2gu50M"],
    ["Cui2023Decoupled_WRN-34-10", wide(34, 10), 65.76, 31.91, "2305.13948", "1-7GbBqZRaHLFA-kYqcnWl9Q0Ohpicq07"],
    ["Gowal2020Uncovering_extra", dm(70, 16, cifar100), 69.15, 36.88, "2010.03593", "1LQBdwO2b391mg7VKcP6I0HIOpC6O83gn"],
    ["Gowal2020Uncovering", dm(70, 16, cifar100), 60.86, 30.03, "2010.03593", "16I86x2Vv_HCRKROC86G4dQKgO3Po5mT3"],
    ["Debenedetti2022Light_XCiT-L12", unbuilt("XCiT-L12", vision), 70.76, 35.08, "2209.07399"],
    ["Debenedetti2022Light_XCiT-M12", unbuilt("XCiT-M12", vision), 69.21, 34.21, "2209.07399"],
    ["Debenedetti2022Light_XCiT-S12", unbuilt("XCiT-S12", vision), 67.34, 32.19, "2209.07399"],
    ["Rebuffi2021Fixing_70_16_cutmix_ddpm", dm(70, 16, cifar100), 63.56, 34.64, "2103.01946", "1-GkVLo9QaRjCJl-by67xda1ySVhYxsLV"],
    ["Rebuffi2021Fixing_28_10_cutmix_ddpm", dm(28, 10, cifar100), 62.41, 32.06, "2103.01946", "1-P7cs82Tj6UVx7Coin3tVurVKYwXWA9p"],
    ["Rebuffi2021Fixing_R18_ddpm", dmPreAct18(cifar100), 56.87, 28.5, "2103.01946", "1-Qcph_EXw1SCYhDIl8cwqTQQy0sJKO8N"],
    ["Pang2022Robustness_WRN70_16", dm(70, 16, cifar100), 65.56, 33.05, "2202.10103", "1F3kn8KIdBVls8QuTWc3BbB83htkQeVQD"],
    ["Pang2022Robustness_WRN28_10", dm(28, 10, cifar100), 63.66, 31.08, "2202.10103", "1VDDM_j5M4b6sZpt1Nnhkr8FER3kjE33M"],
    ["Jia2022LAS-AT_34_20", wide(34, 20), 67.31, 31.91, "2203.06616", "1WhRq01Yl1v8O3skkrGUBuySlptidc5a6"],
    ["Jia2022LAS-AT_34_10", wide(34, 10), 64.89, 30.77, "2203.06616", "1-338K2PUf5FTwk4cbUUeTNz247GrXaMG"],
    ["Addepalli2022Efficient_WRN_34_10", wide(34, 10), 68.75, 31.85, diverse, "1-3c-iniqNfiwGoGPHC3nSostnG6J9fDt"],
    ["Addepalli2022Efficient_RN18", res18, 65.45, 27.67, diverse, "1-2hnxC7lZOQDqQbum4yPbtRtTND86I5N"],
    ["Cui2020Learnable_34_10_LBGAT9_eps_8_255", wide(34, 10), 62.99, 31.2, "2011.11164", "1TrUAN9opXBQa24WCTVtQTY-RkXK_3dmA"],
    ["Cui2020Learnable_34_20_LBGAT6", wide(34, 20), 62.55, 30.2, "2011.11164", "1rN76st8q_32j6Uo8DI5XhcC2cwVhXBwK"],
    ["Cui2020Learnable_34_10_LBGAT6", wide(34, 10), 60.64, 29.33, "2011.11164", "1TfIgvW3BAkL8jL9J7AAWFSLW3SSzJ2AE"],
    ["Cui2020Learnable_34_10_LBGAT0", wide(34, 10), 70.25, 27.16, "2011.11164", "1RnWbGxN-A-ltsfOvulr68U6i2L8ohAJi"],
    ["Sehwag2021Proxy", wide(34, 10), 65.93, 31.15, "2104.09425", "1ejMNF2O4xkSdrjtZt2UXUeim-y9F7Req"],
    ["Chen2024Data_WRN_34_10", wide(34, 10), 64.32, 31.13, "https://doi.org/10.1016/j.patcog.2024.110394", "1-N5a0Z9o-8-oIrF4_EaVFVOOPI5-D-H2"],
    ["Chen2021LTD_WRN34_10", wide(34, 10), 64.07, 30.59, "2111.02331", "1-I4NZyULdEWH46b4EaCTxuuRo4eFXsg_"],
    ["Addepalli2021Towards_WRN34", wide(34, 10), 65.73, 30.35, perceptual, "1-9GAld_105-jWBLXL73btmfOCwAqvz7Y"],
    ["Addepalli2021Towards_PARN18", preAct18(), 62.02, 27.14, perceptual, "1-FwVya1sDvdFXr0_ZBoXEJW9ukGC7hPK"],
    ["Rade2021Helper_R18_ddpm", dmPreAct18(cifar100), 61.5, 28.88, helper, "1-qUvfOjq6x4I8mZynfGtzzCH_nvqS_VQ"],
    ["Wu2020Adversarial", wide(34, 10, exact), 60.38, 28.86, "2004.05884", "1yWGvHmrgjtd9vOpV5zVDqZmeGhCgVYq7"],
    ["Hendrycks2019Using", wide(28, 10, byChannel([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])), 59.23, 28.42, "1901.09960", "1If3tppQsCe5dN8Vbo9ff0tjlKQTTrShd"],
    ["Chen2020Efficient", wide(34, 10, byChannel([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761])), 62.15, 26.94, "2010.01278", "1JEh95fvsfKireoELoVCBxOi12IPGFDUT"],
    ["Sitawarin2020Improving", wide(34, 10), 62.82, 24.57, "2003.09347", "1hbpwans776KM1SMbOxISkDx0KR0DW8EN"],
    ["Rice2020Overfitting", preAct18(exact), 53.83, 18.95, "2002.11569", "1XXNZn3fZBOkD1aqNL1cvcD8zZDccyAZ6"],
  ]);
}
