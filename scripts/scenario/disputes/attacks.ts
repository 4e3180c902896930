import { counterparty } from "./counterparty.ts";
import { formerOwner } from "./formerOwner.ts";
import { operatorsPocket } from "./operatorsPocket.ts";
import type { Attack } from "./stage.ts";

/** Every attack that is played, in the order in which it is told. */
export const ATTACKS: readonly Attack[] = [counterparty, operatorsPocket, formerOwner];
