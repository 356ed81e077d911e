/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys (moduli of RSA, whose exponents are AQAB; coordinates of P-256 and of Ed25519), and tokens of the claims
 * {"sub":"erika"} signed by npm's jose 6.2.17: each by N1 with kid "r1", RS256_OTHER by N2 with kid "r1", ES256 with kid "e1", EDDSA
 * with kid "d1", the NAMELESS without kid; HS256 with the PEM of N1 as its secret. */
#ifndef TEST_JWS_SET_TOKENS_H
#define TEST_JWS_SET_TOKENS_H

#define N1                                                                                                             \
    "zoEofLdh6yLupOKg9f3g4FG0UEkfd4ucRMSAjvEqp0F18i7MNk7SNkBwH3fGdEUhEzYzmLPnOhT4RAYXqzAfN2YVYgX90Q9ymrFuLf364UVlWiFg" \
    "G24g3e8YdKEZUreIUvR3_QyMaqPgaYv19QdlFQqNDPaNX9FJazJbZtn62PrrMcJl_gjC82OXAanQdPY2aq9lmtwi5p3y6qwsAHpjLhoen3IotbdY" \
    "FH55mmio4zHn40Bi5ChtkN87eNWHlEbYG1GqdTaaITwRm3nVBmy7rLvbJ0TRKoO3J72IsGDXrsVDF04GBsUQBOggEstKpOz-FYj_PdR8YJLEUPkq" \
    "yUzotQ"

#define N2                                                                                                             \
    "oK7HxCSLiB316ehJHKIHy286r1zBH95Jst-p-FaAZA8utzhjPvz-KfHXUsLFVJcMBpSQMc4GgfUALo9pECMMH8GM9LW-P8mGo4gcBUnQNP6fHW3Q" \
    "vwx7QwNnqlZNVEjlfdX79hXNLejlBQOb1Ln3tBLKziYGDEz1tSaZa_tFd7zCQaFX9Jh0vUoTY-ACGB5bmI7nAl1X6Oi62UX98UI67NSegfpotYhI" \
    "sDlkEf98Hqqrh9Xd-7B3PEgpov4NEyHX7n0etz8cKnlUOXIBIww8LXVFU5tDdfoE49T84sJnR-QvwvQtKJ_Dv6UDIihaK46MmwTNX6dhuh5YMTNK" \
    "rhqG6Q"

#define EX "GUUFtxZeArf97Zk6Avu6Mlpm5DcQ4LXHq4kl6uAqcrU"

#define EY "bVb3LZNcR4nFqKHccnXNBJPOJvbDpRjrKlXhH1SEbi4"

#define DX "77DB6IkEaKTfhlSmKEvk3c6oQY729IiY2LiYbB7jjTY"

#define RS256                                                                                                          \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.PnSsRpYM0ZEoWmxQ4h2JjVb9Qg3YcrfB6KoRNmk84k1HNNQOEI3Cw56" \
    "gUf0Dhlr4v6rXTcXka8SKKu_ubcT6OQ-u2JY71ELI1mhfCBvhjs6YtSfBMk_nPIOwv4ik13Pgq3cBjoV2s2nYD2Zt5SDCYNCjjPrDpALkUpPnai1" \
    "f8HZPI-MjWDH_a-OoH3ieEhy5FPKhlKHEqanqVBaj3Ib0E8glBTmitN-6TsOLyaw5zt1uK_C1MddorvbtTwoZ62THP9vqYZTnlXuBWRwSIIZDu4O" \
    "rXHWIEOv6cjCX9VymhAeFGq5hZk33khC-mw1hdNJvjHUTpy4c26mxqhtH-aig4w"

#define RS384                                                                                                          \
    "eyJhbGciOiJSUzM4NCIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.jGQjf7Neugzp_nSyRCanYUEDVo4Qp5YFV4DKq4JGjJ8IwVBfMNpYhQd" \
    "oGBx1Oz6u_e59edWu9QyT5u9iloKXN-LEuyevOKLDAzMLYMUqq1ccbjt186brfPKvjNDGPXp7HRw28MqK0j_uEo89_aZ6OtbZW-Afco7GIFU1Hjt" \
    "87V9hR5uflAnk1eaTkPi48St0X3NA40fCSJ121z-wK3ZSiHMD2f5s0393Ye8-f9HT_t8flDZf-U4A1JF68fkiIHVJpAVgAFzMZM-QBi4g6S2lrIp" \
    "tnPNpN-0QEN6_aO3X3TEMZsKvFj_S-kHdIZeDoG01HoezvEsHYzWedvcixG17jA"

#define RS512                                                                                                          \
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.dl0A8W5DoYJEw-Eb51bnWmxWe1Us383els6YE1G35X73Fn9wWexrh6f" \
    "xL2NaQ8MuIExZxUP6lTewv2Ngd0AbxmROF6UyOnt6exNqpsa6XkZI8a9uj6Mr-48cHQF2ZtDoPvZhSKCZKXAygkX-xSvj_AjE9UN-hNHyvKgaY3i" \
    "jY-AQnXOatgnKmYvB9y6Iy4udyXrp1yvNMiIUc-bFroKJsqXrx1QD8bpniah335suGLQZeNzJRNaAhGFFdn4OTJnIUHWIbJyyZLm_XCIVDOW2f6e" \
    "fX9XLuOsp1Ko8mlQeLdtdNJQyEvSt5liYPVj7j2PFBS7BSXaEYEMCunghskdhiQ"

#define PS256                                                                                                          \
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.RdJhKilIkDVq3om_0jcn5bbL-uxIPPtXatsPLfUDGSOyuD3WOYziITp" \
    "DfSR89jLrEL11sAF3_6s-Lp5mT-k90wvCHG6uE8dJXrR--yY6e50uM2crYo-5wwzgjlvc51izzfvNrPEqAcN0o78n361qfjm--3-LdkYf8cPSjkN" \
    "xxtiQCJQnaFU28IbklQPslfXinuAYVWZiJgu0AlCnHB1yflaLd0gEUbdUbWeY-aL-E5dvjfTPDHmlbs9RUnOWvfynAbznQx9oOEzaq2BCVFXigVs" \
    "CKOD6M4cpJKzx7a_9Jy9twciyefBXNOQQlmRY0RVfAp61bBkJzqqXCP9FrajUuA"

#define PS384                                                                                                          \
    "eyJhbGciOiJQUzM4NCIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.iD29dV_iWQtf63BVwQEI9Qg1eZk7ER3xrsLDkuaMm46IIelJ-nXYmW-" \
    "wnFPsTWHn6iyZ1Wp_DX3QI4g-5l3mr_nKGra6JlnUCcgqeL7p7o23nURyqM_GPbqEXFkZa1UJWgl0F47zWRFSJaAF7gqBih5hBtv6WhWdtbHCLr2" \
    "tEe3Ql-p27mJDQNyJTLFxix58J1gAUVYSdxZAmR6T7PyyeH7l8i7JdcUD1hbGX9WVm_Ckv5A02WCPDuzV25D7IIAANvg7hleaqkSzvrpKqrctf1G" \
    "_XsASfLI_EJWJcCQDzrE-qKhQ2zMTRPYviG6y0iBl2ihWZYzzvLTZkDJCNMwZ0g"

#define PS512                                                                                                          \
    "eyJhbGciOiJQUzUxMiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.KyruY2RUC3AG-ETK9OXH7Nh9vkNV8MNz6VQTNg-E7sNbR1-kDyTuube" \
    "MsZqdDKoFGNupct8DKGf3oA4dQAd_oRnuygufSVHtgy1JseBxUV0tLZfZPte5tfAEHcvVouPUzwdmBkwQ5gLg0Z35hYO2EVkFgOYl65LtjlL1_rs" \
    "fy3PXU0iddAcS6X2Z55VeVXB7ajs4c_uecd5HEwCyb2f0fUCAmJ0RIMoThUq7zye3DfPuKT05yyo-recp_gDXiDLbm4CBRWGiq6k9q10tvAKXmrE" \
    "64J502M3zX2y3QqIo2sr4fkzdxU4ttbs1vVZubKRpZ64SqVG0NG_xAJyF7i4xYg"

#define RS256_OTHER                                                                                                    \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.iQWHXFzSfEVDg_ut1rUTF9zJGkT-f4TKkZlbyiutwPVzXbH-RLRPHtb" \
    "72yCqYABVuQIlXVWyqXAdPGsDwvqANqQhXmkOancJfBy6WAoYJMOjQFlhUakz7FEC7S0efd3unHklzTn6BjrS2NsiJhIho1XUGIC3srmTE9aCKiv" \
    "coXtmlCzxcJv7Nwa30hqjFVOqKarOttXuLec9m0uvMcfjveMQ5WTyfD3og9QmTHKiHkXwXTA2-izaq8ZYNTn41Qx6XksNFu18cgFtGb2isGVE_A-" \
    "HnMSfxvSy7Q0LgvN22IDSNZoR06DmAcCvDsXycttBXnaoEuGAQLQJf85gqqesVw"

#define RS256_NAMELESS                                                                                                 \
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJlcmlrYSJ9.OnB7flY7f87fPowBZTtbrLIqaQLKEpUj6OBd0oO7gneL39YR693mYsJ79pI2yuq74OVITQ" \
    "AtW2_Nf0IQhhQQ9LwjDZOzlXajBpEE1-MPiV0hRuKG9zm9-u4xlfWEXKFFTLNwZBMOrX5YFxHjO7EsvktBJYIJkgSX3m6pMxFq9qwA4D5mmTLv2P" \
    "OeDVhn9gYok33W4NaZnW1rfs34C_yivR9FKwnfbSjsXTKTvsf00cR4lcEJ01CU3GI4qDcYpTLcL4mwSBzUhttFZeey9_sViTCFdyBLbGOiJuguDp" \
    "JhemZVooWlppjrIt4sb7D0X6aJwSctVUDfvhlmQQG4BVu7Rg"

#define ES256                                                                                                          \
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJzdWIiOiJlcmlrYSJ9.rlxb9ZSNDq8A0dZMzfoHmlTcY-8u2sdOvaowyl4xSQFGDmuspgRDJs6" \
    "VdwBTFDJIz7U_degnfRlHb5o86U0Suw"

#define ES256_NAMELESS                                                                                                 \
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJlcmlrYSJ9.AKxFlC2MnEwt34ebKjgncj5bkxL57jUxJTrAds8nkkZVkJAdW7kkvPcveKKtvtf0VmRsmE" \
    "cQ_IeL2U8m1mR1dA"

#define EDDSA                                                                                                          \
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQxIn0.eyJzdWIiOiJlcmlrYSJ9.lBN8DBaodigC5M2TY3Crs1j3Cm0GDJ8a8s3MvphjqrVMv2BJ2_2zSpa" \
    "x23rysMlWN-k2_fhFfP3WwDBxavQkCg"

#define HS256 "eyJhbGciOiJIUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJlcmlrYSJ9.qkGYlRPYubzsZtvZhG-bX1uvFlVsNl_Znu_yuYdcABw"

#define NONE "eyJhbGciOiJub25lIiwia2lkIjoicjEifQ.eyJzdWIiOiJlcmlrYSJ9."

#endif
