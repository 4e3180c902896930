import { ancestor } from "./ancestor.ts";
import { asleep } from "./asleep.ts";
import { counterparty } from "./counterparty.ts";
import { doubleSaleEarly, doubleSaleLate } from "./doubleSale.ts";
import { emptied } from "./emptied.ts";
import { flood } from "./flood.ts";
import { formerOwner } from "./formerOwner.ts";
import { fullBlocks } from "./fullBlocks.ts";
import { halfSigned } from "./halfSigned.ts";
import { killed } from "./killed.ts";
import { olderPost } from "./olderPost.ts";
import { operatorsPocket } from "./operatorsPocket.ts";
import { orderLoser } from "./orderLoser.ts";
import { reorg } from "./reorg.ts";
import { squatter } from "./squatter.ts";
import type { Attack } from "./stage.ts";
import { staleState } from "./staleState.ts";
import { missingSuccessors, slippedBlock } from "./stolenClose.ts";
import { unpaid } from "./unpaid.ts";
import { withheldInside, withheldTop } from "./withheld.ts";

/** Every attack that is played, in the order in which it is told. */
export const ATTACKS: readonly Attack[] = [
  counterparty,
  orderLoser,
  operatorsPocket,
  formerOwner,
  ancestor,
  olderPost,
  unpaid,
  doubleSaleEarly,
  doubleSaleLate,
  withheldTop,
  withheldInside,
  slippedBlock,
  missingSuccessors,
  emptied,
  squatter,
  flood,
  halfSigned,
  staleState,
  killed,
  asleep,
  reorg,
  fullBlocks,
];
