// SPDX-License-Identifier: Apache-2.0
// One of two independent libraries on the other side:
//   node peer.mjs owf|animo verify RESPONSE TRANSCRIPT IACA [READER-KEY]   exit 0: it accepts ours
//   node peer.mjs owf|animo issue SIGNER SIGNER-KEY DEVICE-KEY OUT         an IssuerSigned (owf) or an mdoc (animo)
//   node peer.mjs owf|animo present ISSUED DEVICE-KEY TRANSCRIPT OUT
import crypto from 'node:crypto'
import fs from 'node:fs'
import { animoContext, owfContext } from './context.mjs'

const DOC_TYPE = 'org.iso.18013.5.1.mDL'
const NAME_SPACE = 'org.iso.18013.5.1'
const ELEMENTS = ['family_name', 'given_name', 'birth_date', 'portrait', 'driving_privileges']

const [, , library, action, ...files] = process.argv
const bytes = (name) => new Uint8Array(fs.readFileSync(name))
const certificate = (name) => new Uint8Array(new crypto.X509Certificate(fs.readFileSync(name)).raw)
const jwk = (name) => crypto.createPrivateKey(fs.readFileSync(name)).export({ format: 'jwk' })
const publicPart = ({ kty, crv, x, y }) => ({ kty, crv, x, y })
/** #6.24(bstr) around the transcript's array. */
const transcriptBytes = (array) => {
  const head = array.length < 256 ? [0xd8, 0x18, 0x58, array.length] : [0xd8, 0x18, 0x59, array.length >> 8, array.length & 255]
  return new Uint8Array([...head, ...array])
}
const claims = (DateOnly) => ({
  family_name: 'Mustermann',
  given_name: 'Max',
  birth_date: new DateOnly('1990-05-17'),
  issue_date: new DateOnly('2024-03-01'),
  expiry_date: new DateOnly('2034-02-28'),
  issuing_country: 'UT',
  issuing_authority: 'Utopia Department of Motor Vehicles',
  document_number: 'UT-123',
  portrait: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...crypto.randomBytes(2000)]),
  driving_privileges: [{ vehicle_category_code: 'B', issue_date: new DateOnly('2017-02-23') }],
  un_distinguishing_sign: 'UTO',
})
const validity = () => {
  const signed = new Date(Math.floor(Date.now() / 1000) * 1000 - 60000)
  return { signed, validFrom: signed, validUntil: new Date(signed.getTime() + 30 * 86400000) }
}

const owf = async () => {
  const O = await import('@owf/mdoc')
  const ctx = owfContext(O)
  return {
    verify: async (response, transcript, iaca, readerKey) =>
      O.Verifier.verifyDeviceResponse({
        deviceResponse: bytes(response),
        sessionTranscript: O.SessionTranscript.decode(bytes(transcript)),
        trustedCertificates: [certificate(iaca)],
        ephemeralReaderKey: readerKey ? O.CoseKey.fromJwk(jwk(readerKey)) : undefined,
      }, ctx),
    issue: async (signer, signerKey, deviceKey, out) => {
      const issued = await new O.Issuer(DOC_TYPE, ctx).addIssuerNamespace(NAME_SPACE, claims(O.DateOnly)).sign({
        signingKey: O.CoseKey.fromJwk({ ...jwk(signerKey), alg: 'ES256' }),
        certificates: [certificate(signer)],
        algorithm: O.SignatureAlgorithm.ES256,
        digestAlgorithm: 'SHA-256',
        deviceKeyInfo: { deviceKey: O.DeviceKey.fromJwk(publicPart(jwk(deviceKey))) },
        validityInfo: validity(),
      })
      fs.writeFileSync(out, issued.encode())
    },
    present: async (issued, deviceKey, transcript, out) => {
      const itemsRequest = O.ItemsRequest.create({ docType: DOC_TYPE, namespaces: { [NAME_SPACE]: Object.fromEntries(ELEMENTS.map((e) => [e, false])) } })
      const response = await O.Holder.createDeviceResponseForDeviceRequest({
        deviceRequest: O.DeviceRequest.create({ docRequests: [O.DocRequest.create({ itemsRequest })] }),
        issuerSigned: [O.IssuerSigned.decode(bytes(issued))],
        sessionTranscript: O.SessionTranscript.decode(bytes(transcript)),
        signature: { signingKey: O.CoseKey.fromJwk({ ...jwk(deviceKey), alg: 'ES256' }) },
      }, ctx)
      fs.writeFileSync(out, response.encode())
    },
  }
}

const animo = async () => {
  const A = await import('@animo-id/mdoc')
  const ctx = animoContext()
  return {
    verify: async (response, transcript, iaca, readerKey) =>
      new A.Verifier().verifyDeviceResponse({
        encodedDeviceResponse: bytes(response),
        encodedSessionTranscript: transcriptBytes(bytes(transcript)),
        trustedCertificates: [certificate(iaca)],
        ephemeralReaderKey: readerKey ? jwk(readerKey) : undefined,
      }, ctx),
    issue: async (signer, signerKey, deviceKey, out) => {
      const document = await new A.Document(DOC_TYPE, ctx)
        .addIssuerNameSpace(NAME_SPACE, claims(A.DateOnly))
        .useDigestAlgorithm('SHA-256')
        .addValidityInfo(validity())
        .addDeviceKeyInfo({ deviceKey: publicPart(jwk(deviceKey)) })
        .sign({ issuerPrivateKey: { ...jwk(signerKey), alg: 'ES256' }, issuerCertificate: certificate(signer), alg: 'ES256' }, ctx)
      fs.writeFileSync(out, new A.MDoc([document]).encode())
    },
    present: async (issued, deviceKey, transcript, out) => {
      const request = A.DeviceRequest.from('1.0', [{ itemsRequestData: { docType: DOC_TYPE, nameSpaces: { [NAME_SPACE]: Object.fromEntries(ELEMENTS.map((e) => [e, false])) } } }])
      const response = await A.DeviceResponse.from(bytes(issued))
        .usingDeviceRequest(request)
        .usingSessionTranscriptBytes(transcriptBytes(bytes(transcript)))
        .authenticateWithSignature({ ...jwk(deviceKey), alg: 'ES256' }, 'ES256')
        .sign(ctx)
      fs.writeFileSync(out, response.encode())
    },
  }
}

try {
  await (await { owf, animo }[library]())[action](...files)
} catch (e) {
  console.error(`${library} ${action}: ${e.message}`)
  process.exit(1)
}
