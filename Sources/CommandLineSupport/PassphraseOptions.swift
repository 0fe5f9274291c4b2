// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Cryptography
internal import Glibc

/// Where the passphrase of a secret file comes from: a file, or the terminal. Never the command line.
public struct PassphraseOptions: ParsableArguments {
  @Option(
    name: .customLong("passphrase-file"),
    help: "File that holds the passphrase in its first line. Without it the terminal asks.")
  var passphraseFile: String?

  /// For the argument parser.
  public init() {}

  /// The longest passphrase, in bytes.
  public static let maximumByteCount = 1024

  /// Reads the passphrase.
  /// - Parameter isNew: whether it is being chosen, so that the terminal asks twice.
  /// - Throws: `ProgramError` when it is empty, too long, or cannot be read.
  public func passphrase(isNew: Bool = false) throws(ProgramError) -> SecretBytes {
    let descriptor: Int32
    let name: String
    if let passphraseFile {
      name = passphraseFile
      descriptor = unsafe open(passphraseFile, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw ProgramError(.inputOutput, "\(name): \(Self.lastError)")
      }
    } else {
      name = "terminal"
      descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw ProgramError(
          .inputOutput, "no terminal to ask for the passphrase",
          hint: "name a file with --passphrase-file")
      }
    }
    defer { close(descriptor) }
    let first = try Self.ask("Passphrase: ", descriptor, name, isTerminal: passphraseFile == nil)
    if isNew && passphraseFile == nil {
      let second = try Self.ask("Again: ", descriptor, name, isTerminal: true)
      guard first.isEqualConstantTime(to: second) else {
        throw ProgramError(.wrong, "the two passphrases differ")
      }
    }
    return first
  }

  private static var lastError: String { unsafe String(cString: strerror(errno)) }

  private static func ask(
    _ prompt: String, _ descriptor: Int32, _ name: String, isTerminal: Bool
  ) throws(ProgramError) -> SecretBytes {
    var saved = termios()
    if isTerminal {
      Console.write(prompt, to: descriptor)
      _ = unsafe tcgetattr(descriptor, &saved)
      var silent = saved
      silent.c_lflag &= ~tcflag_t(ECHO)
      _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &silent)
    }
    defer {
      if isTerminal {
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &saved)
        Console.write("\n", to: descriptor)
      }
    }
    var line = [UInt8](repeating: 0, count: maximumByteCount + 1)
    var count = 0
    while count < line.count {
      var byte: UInt8 = 0
      let result = unsafe read(descriptor, &byte, 1)
      if result < 0 {
        if errno == EINTR { continue }
        throw ProgramError(.inputOutput, "\(name): \(lastError)")
      }
      if result == 0 || byte == UInt8(ascii: "\n") { break }
      line[count] = byte
      count += 1
    }
    let all = SecretBytes.wiping(&line)
    guard count > 0, count <= maximumByteCount, let passphrase = all.slice(0..<count) else {
      throw ProgramError(.wrong, "\(name): a passphrase has 1 to \(maximumByteCount) bytes")
    }
    return passphrase
  }
}
