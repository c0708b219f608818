#include "textflag.h"

// func indexPair(b []byte) int
//
// Sixteen places at once: those that hold "r" before "C", or "t" before "V". SSE2,
// which every amd64 has.
TEXT ·indexPair(SB), NOSPLIT, $0-32
	MOVQ b_base+0(FP), SI
	MOVQ b_len+8(FP), CX
	MOVQ SI, DI              // DI: where to look
	LEAQ -17(SI)(CX*1), DX   // DX: the last place from which 17 bytes can be read
	MOVQ $0x7272727272727272, AX
	MOVQ AX, X1
	PUNPCKLQDQ X1, X1
	MOVQ $0x4343434343434343, AX
	MOVQ AX, X2
	PUNPCKLQDQ X2, X2
	MOVQ $0x7474747474747474, AX
	MOVQ AX, X3
	PUNPCKLQDQ X3, X3
	MOVQ $0x5656565656565656, AX
	MOVQ AX, X4
	PUNPCKLQDQ X4, X4
	CMPQ CX, $17
	JLT  tail

loop:
	CMPQ DI, DX
	JHI  tail
	MOVOU (DI), X5
	MOVOU 1(DI), X6
	MOVO  X5, X7
	MOVO  X6, X8
	PCMPEQB X1, X5
	PCMPEQB X2, X6
	PCMPEQB X3, X7
	PCMPEQB X4, X8
	PAND  X6, X5
	PAND  X8, X7
	POR   X7, X5
	PMOVMSKB X5, AX
	ADDQ  $16, DI
	TESTL AX, AX
	JEQ   loop
	BSFL  AX, AX
	LEAQ  -16(DI)(AX*1), DI
	SUBQ  SI, DI
	MOVQ  DI, ret+24(FP)
	RET

tail:
	LEAQ -1(SI)(CX*1), DX    // DX: the last byte, which begins no pair

next:
	CMPQ DI, DX
	JGE  none
	MOVWLZX (DI), AX
	INCQ DI
	CMPL AX, $0x4372
	JEQ  found
	CMPL AX, $0x5674
	JNE  next

found:
	DECQ DI
	SUBQ SI, DI
	MOVQ DI, ret+24(FP)
	RET

none:
	MOVQ $-1, ret+24(FP)
	RET

// func indexQuote(b []byte) int
//
// Sixteen places at once: those that hold a quote or a backslash.
TEXT ·indexQuote(SB), NOSPLIT, $0-32
	MOVQ b_base+0(FP), SI
	MOVQ b_len+8(FP), CX
	MOVQ SI, DI              // DI: where to look
	LEAQ -16(SI)(CX*1), DX   // DX: the last place from which 16 bytes can be read
	MOVQ $0x2222222222222222, AX
	MOVQ AX, X1
	PUNPCKLQDQ X1, X1
	MOVQ $0x5c5c5c5c5c5c5c5c, AX
	MOVQ AX, X2
	PUNPCKLQDQ X2, X2
	CMPQ CX, $16
	JLT  tail

loop:
	CMPQ DI, DX
	JHI  tail
	MOVOU (DI), X3
	MOVO  X3, X4
	PCMPEQB X1, X3
	PCMPEQB X2, X4
	POR   X4, X3
	PMOVMSKB X3, AX
	ADDQ  $16, DI
	TESTL AX, AX
	JEQ   loop
	BSFL  AX, AX
	LEAQ  -16(DI)(AX*1), DI
	SUBQ  SI, DI
	MOVQ  DI, ret+24(FP)
	RET

tail:
	ADDQ $16, DX             // DX: the end

next:
	CMPQ DI, DX
	JGE  none
	MOVBLZX (DI), AX
	INCQ DI
	CMPL AX, $0x22
	JEQ  found
	CMPL AX, $0x5c
	JNE  next

found:
	DECQ DI
	SUBQ SI, DI
	MOVQ DI, ret+24(FP)
	RET

none:
	MOVQ $-1, ret+24(FP)
	RET
