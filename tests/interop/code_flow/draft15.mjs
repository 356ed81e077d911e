// SPDX-License-Identifier: Apache-2.0
// A wallet of draft 15: node draft15.mjs OFFER TX-CODE OUT
import fs from 'node:fs'
import * as jose from 'jose'
import { OpenID4VCIClientV1_0_15 } from '@sphereon/oid4vci-client'

const [uri, pin, out] = process.argv.slice(2)
const client = await OpenID4VCIClientV1_0_15.fromURI({ uri, retrieveServerMetadata: true, resolveOfferUri: true })
const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true })
await client.acquireAccessToken({ pin })
const answer = await client.acquireCredentials({
  credentialTypes: client.getCredentialOfferConfigurationIds()[0],
  format: 'mso_mdoc',
  alg: 'ES256',
  jwk: await jose.exportJWK(publicKey),
  proofCallbacks: {
    signCallback: ({ header, payload }) => new jose.SignJWT(payload).setProtectedHeader(header).sign(privateKey),
  },
})
fs.writeFileSync(out, Buffer.from(answer.credentials[0].credential, 'base64url'))
