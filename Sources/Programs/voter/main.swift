// SPDX-License-Identifier: Apache-2.0

print("voter: nothing to do")
