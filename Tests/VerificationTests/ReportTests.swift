// SPDX-License-Identifier: Apache-2.0

import Election
import Testing
import Verification

@Suite struct ReportTests {
  @Test func nothingCheckedIsIncomplete() {
    let report = VerificationReport(Findings(), notApplicable: [:])
    #expect(report.verdict == .incomplete)
  }
}
