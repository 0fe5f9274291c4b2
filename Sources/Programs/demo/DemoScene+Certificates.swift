// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Foundation
import Glibc
import StrictJSON

/// An authority that issues citizens' certificates, and a proxy that speaks TLS with them unless issuers do.
extension DemoScene {
  private static let openssl = "/usr/bin/openssl"

  private func openssl(_ arguments: [String]) throws {
    try processes.expect(Self.openssl, arguments)
  }

  func makeCertificates(_ cast: VoterCast) throws {
    let folder = "\(work)/certificates"
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    try Files.write(
      Array(
        """
        [ca]
        default_ca = own
        [own]
        database = \(folder)/index
        crlnumber = \(folder)/number
        default_md = sha256
        default_crl_days = 2

        """.utf8), to: "\(folder)/cnf")
    try Files.write([], to: "\(folder)/index")
    try Files.write(Array("1000\n".utf8), to: "\(folder)/number")
    let common = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
    let identifiers = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    try Files.write(
      Array((common + identifiers + "extendedKeyUsage=clientAuth\n").utf8), to: "\(folder)/client")
    try Files.write(
      Array(
        (common + identifiers + "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n").utf8),
      to: "\(folder)/server")
    try openssl(
      ["req", "-x509"] + key + [
        "-days", "3", "-subj", "/CN=Identity cards", "-addext",
        "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "\(folder)/root.key", "-out",
        "\(folder)/root.pem",
      ])
    var subjects = [(name: "server", subject: "/CN=127.0.0.1", kind: "server")]
    for voter in cast.voters where voter.hasCertificate {
      subjects.append(
        (
          "\(voter.number)", "/CN=Voter \(voter.number)/serialNumber=\(voter.identifier)", "client"
        ))
    }
    for (name, subject, kind) in subjects {
      let path = "\(folder)/\(name)"
      try openssl(
        ["req"] + key + ["-subj", subject, "-keyout", "\(path).key", "-out", "\(path).csr"])
      try openssl([
        "x509", "-req", "-in", "\(path).csr", "-CA", "\(folder)/root.pem", "-CAkey",
        "\(folder)/root.key", "-CAcreateserial", "-days", "2", "-extfile", "\(folder)/\(kind)",
        "-out", "\(path).pem",
      ])
      guard unsafe chmod("\(path).key", 0o600) == 0 else {
        throw ProgramError(.inputOutput, "\(path).key: its mode cannot be set")
      }
    }
    try openssl([
      "ca", "-config", "\(folder)/cnf", "-gencrl", "-keyfile", "\(folder)/root.key", "-cert",
      "\(folder)/root.pem", "-out", "\(folder)/root.crl",
    ])
    try Files.writeSecret(
      Array((Hex.encode(try SecureRandom.bytes(24)) + "\n").utf8), to: secret("proxy"))
    let words = Hex.encode(try SecureRandom.bytes(16))
    try Files.writeSecret(Array((words + "\n").utf8), to: secret("auditors.passphrase"))
    try processes.expect(
      "election",
      [
        "auditors", "keys", "--secret", secret("auditors"), "--public", "\(work)/auditors.json",
      ] + passphrase("auditors"))
  }

  /// What issuers are told about certificates.
  func certificateSettings() throws -> String {
    let folder = "\(work)/certificates"
    let lists: JSONValue = .array([.string("\(folder)/root.crl")])
    let value: JSONValue =
      issuersSpeakTLS
      ? [
        "certificates": ["anchors": .string("\(folder)/root.pem"), "revocationLists": lists],
        "tls": [
          "certificate": .string("\(folder)/server.pem"),
          "privateKey": .string("\(folder)/server.key"),
          "clientAuthorities": .string("\(folder)/root.pem"),
        ],
      ]
      : [
        "certificates": [
          "anchors": .string("\(folder)/root.pem"), "revocationLists": lists,
          "proxySecret": .string(secret("proxy")),
        ]
      ]
    try Files.write(value.prettyBytes(), to: "\(work)/issuer.json")
    return "\(work)/issuer.json"
  }
}

/// nginx before the issuers, as Ceremonies/operations/nginx-issuer.conf has it.
final class IssuerProxy: Sendable {
  /// Where the issuers are reached, issuer 1 first.
  let addresses: [String]
  private let identifier: Int32

  private init(addresses: [String], identifier: Int32) {
    self.addresses = addresses
    self.identifier = identifier
  }

  static func start(_ scene: DemoScene) async throws -> IssuerProxy {
    let folder = "\(scene.work)/certificates"
    let secret = String(
      decoding: try Files.read(scene.secret("proxy")).dropLast(), as: UTF8.self)
    // Ports that somebody has are found out by trying.
    for _ in 0..<20 {
      let first = Int.random(in: 20_000..<30_000)
      var servers = ""
      for (position, issuer) in scene.servers.issuers.enumerated() {
        servers += """
            server {
              listen 127.0.0.1:\(first + position) ssl;
              ssl_certificate \(folder)/server.pem;
              ssl_certificate_key \(folder)/server.key;
              ssl_client_certificate \(folder)/root.pem;
              ssl_verify_client optional;
              location / {
                proxy_pass \(issuer.address);
                proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
                proxy_set_header X-Proxy-Secret \(secret);
              }
            }

          """
      }
      let configuration = """
        daemon off;
        pid \(folder)/nginx.pid;
        error_log \(folder)/nginx.log warn;
        events {}
        http {
          access_log off;
          client_body_temp_path \(folder)/body;
          proxy_temp_path \(folder)/proxy-temp;
          fastcgi_temp_path \(folder)/fastcgi;
          uwsgi_temp_path \(folder)/uwsgi;
          scgi_temp_path \(folder)/scgi;
        \(servers)
        }

        """
      try Files.writeSecret(Array(configuration.utf8), to: "\(folder)/nginx.conf")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
      process.arguments = ["-c", "\(folder)/nginx.conf", "-e", "\(folder)/nginx.log"]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      do { try process.run() } catch {
        throw ProgramError(.inputOutput, "nginx: cannot be started: \(error)")
      }
      // nginx ends within moments when a port is taken; it tries for some seconds.
      for _ in 0..<60 where process.isRunning {
        if Files.exists("\(folder)/nginx.pid") {
          return IssuerProxy(
            addresses: scene.servers.issuers.indices.map { "https://127.0.0.1:\(first + $0)" },
            identifier: process.processIdentifier)
        }
        try await Task.sleep(for: .milliseconds(100))
      }
      process.terminate()
    }
    throw ProgramError(.inputOutput, "nginx does not start")
  }

  /// Ends the proxy.
  func stop() { _ = Glibc.kill(identifier, SIGTERM) }
}
