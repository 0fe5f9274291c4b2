// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import StrictJSON
import WebClient

extension FuzzTarget {
  /// What servers answer, and what the ballot box promises.
  static let clients = [
    // The first byte says where the answer is cut: parsing must not depend on it.
    FuzzTarget("http-response") {
      [
        "\u{0}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "\u{9}HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        "\u{1E}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX: y\r\n\r\n",
        "\u{5}HTTP/1.0 503 Busy\r\nRetry-After: 7\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
      ].map { utf8($0) }
    } rewrite: { bytes in
      let answer = bytes.dropFirst()
      let cut = answer.startIndex + min(Int(bytes.first ?? 0), answer.count)
      let whole = Parsed([answer])
      mustHold { Parsed([answer[..<cut], answer[cut...]]) == whole }
      mustHold { Parsed(answer.indices.map { answer[$0...$0] }) == whole }
      mustHold { whole.heads.count <= 1 && whole.body.count <= answer.count }
      return bytes
    },
    FuzzTarget("promise") {
      let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 3, count: 32)))
      return try [nil, SHA256.hash([1])].map { code in
        try InclusionPromise.signed(
          electionID: SHA256.hash([2]), leafHash: SHA256.hash([3]), confirmationCode: code,
          deadline: 1_793_728_860, key: key
        ).bytes
      }
    } rewrite: { bytes in
      try InclusionPromise(bytes: bytes).bytes
    },
    FuzzTarget("status-proof") {
      let fixture = try ElectionFixture.credentialed(.destroyed)
      return try [1, 6].map { try fixture.statusProof($0, opensRoll: $0 == 6).bytes }
    } rewrite: { bytes in
      try StatusProof(bytes: bytes, in: ElectionSetup().group).bytes
    },
    FuzzTarget("box-answer") {
      let leaf = SHA256.hash([UInt8]())
      return [
        #"{"entry":7,"leaf":"\#(leaf.hex)","receipt":"c2sp.org/tlog-proof@v1\n","version":1}"#,
        #"{"entry":7,"leaf":"\#(leaf.hex)","version":1}"#,
      ].map { utf8($0) }
    } rewrite: { bytes in
      _ = try BoxClient.fate(bytes, of: SHA256.hash([UInt8]()))
      return bytes
    },
    FuzzTarget("problem") {
      [#"{"title":"no","status":422,"detail":"x","rules":[{"id":"BAL-4","sentence":"…"}]}"#, "{}"]
        .map { utf8($0) }
    } rewrite: { bytes in
      let problem = BoxProblem(
        WebResponse(
          status: 422, contentType: BoxProblem.mediaType, retryAfter: nil, body: bytes))
      // Whatever it says, a terminal shows it and does not obey.
      for text in [problem.title, problem.detail ?? ""] + problem.rules {
        mustHold { text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
      }
      return bytes
    },
    // Other spellings are read too; all have one, and that is its own.
    FuzzTarget("address") {
      ["http://a", "https://A.example:8443/x/y/", "http://[::1]:80"].map { utf8($0) }
    } rewrite: { bytes in
      guard let address = try? WebAddress(try text(bytes)) else {
        throw LedgerError("address", "a URL")
      }
      mustHold { try WebAddress(address.description) == address }
      return bytes
    },
  ]

  /// An answer that was read in pieces.
  private struct Parsed: Equatable {
    var heads: [ResponseHead] = []
    var body: [UInt8] = []
    var end = "open"

    init(_ pieces: [ArraySlice<UInt8>]) {
      var parser = ResponseParser()
      for piece in pieces {
        var input = piece
        do {
          while !parser.isDone, let event = try parser.next(&input) {
            switch event {
            case .head(let head): heads.append(head)
            case .body(let part): body += part
            case .end: break
            }
          }
        } catch {
          // Of an answer that is refused nothing is used.
          (body, end) = ([], error.rule)
          return
        }
        if parser.isDone { end = "done" }
      }
    }
  }
}
